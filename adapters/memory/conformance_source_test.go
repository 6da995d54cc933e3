package memory_test

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheStreamSourceKeepsItsContract(t *testing.T) {
	conformance.StreamSource(t, sourceHarness{})
}

// sourceHarness makes sources whose time is the suite's.
type sourceHarness struct{}

func (sourceHarness) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: ttl, ClockStep: time.Nanosecond}
}

func (sourceHarness) Open() (conformance.StreamSourceInstance, error) {
	clock := newClock()
	source, err := memory.NewSource(memory.Config{Now: clock.Now})
	return &sourceInstance{clock, source}, err
}

// sourceInstance is one source: all members of a process share it.
type sourceInstance struct {
	*clock
	source *memory.Source
}

func (i *sourceInstance) Handle() (ports.StreamSource, error) { return i.source, nil }

func (i *sourceInstance) Close() error { return nil }

func (i *sourceInstance) Flush() error {
	i.source.Flush()
	return nil
}

func (i *sourceInstance) Trim(ref ports.StreamRef) error {
	i.source.Trim(ref)
	return nil
}

func (i *sourceInstance) Quarantine() ([]conformance.Quarantined, error) {
	var listed []conformance.Quarantined
	for _, one := range i.source.Quarantine() {
		found := conformance.Quarantined{Ref: one.Ref, Reason: one.Reason, Failures: one.Failures, Crashes: one.Crashes}
		for _, ending := range one.Endings {
			found.Endings = append(found.Endings, ending.Reason)
		}
		listed = append(listed, found)
	}
	return listed, nil
}
