package memory_test

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheNotifierKeepsItsContract(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			conformance.ExpiryNotifier(t, notifierHarness{shape})
		})
	}
}

// notifierHarness makes services whose leases expire by the suite's clock.
type notifierHarness struct{ shape ports.GrantShape }

func (h notifierHarness) Limits() conformance.NotifierLimits {
	return conformance.NotifierLimits{Limits: conformance.Limits{SmallestTTL: ttl, ClockStep: time.Nanosecond}}
}

func (h notifierHarness) Open() (conformance.ExpiryNotifierInstance, error) {
	clock := newClock()
	service, err := memory.New(memory.Config{Shape: h.shape, Now: clock.Now, PollEvery: time.Millisecond})
	return &notifierInstance{clock, service}, err
}

// notifierInstance is one service: all members of a process share it.
type notifierInstance struct {
	*clock
	service *memory.Service
}

func (i *notifierInstance) Handle() (ports.ExpiryNotifier, error) { return i.service.Notifier, nil }

func (i *notifierInstance) Leases() (ports.LeaseStore, error) { return i.service.Leases, nil }

func (i *notifierInstance) Close() error { return nil }
