package conformance_test

import (
	"testing"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestARightCombinationPassesInNoTime(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			conformance.Combination(t, combinationHarness{shape})
		})
	}
}

type combinationHarness struct{ shape ports.GrantShape }

func (combinationHarness) IsInProcess() bool { return true }

func (combinationHarness) Limits() conformance.CombinationLimits {
	return conformance.CombinationLimits{}
}

func (h combinationHarness) Open() (conformance.CombinationInstance, error) {
	service, err := memory.New(memory.Config{Shape: h.shape})
	return &combinationInstance{service}, err
}

// combinationInstance is one service, with time as the test has it.
type combinationInstance struct{ service *memory.Service }

func (i *combinationInstance) Ports() (ports.Set, error) { return i.service.Ports(), nil }

func (i *combinationInstance) Quarantine() ([]conformance.Quarantined, error) {
	var listed []conformance.Quarantined
	for _, one := range i.service.Source.Quarantine() {
		found := conformance.Quarantined{Ref: one.Ref, Reason: one.Reason, Failures: one.Failures, Crashes: one.Crashes}
		for _, ending := range one.Endings {
			found.Endings = append(found.Endings, ending.Reason)
		}
		listed = append(listed, found)
	}
	return listed, nil
}

func (i *combinationInstance) Close() error { return nil }

func (i *combinationInstance) Flush() error {
	i.service.Source.Flush()
	i.service.Leases.Flush()
	return nil
}
