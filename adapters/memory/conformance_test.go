package memory_test

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheLeaseStoreKeepsItsContract(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			conformance.LeaseStore(t, leaseHarness{shape})
		})
	}
}

// leaseHarness makes lease stores whose time is the suite's.
type leaseHarness struct{ shape ports.GrantShape }

func (h leaseHarness) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: ttl, ClockStep: time.Nanosecond}
}

func (h leaseHarness) Open() (conformance.LeaseStoreInstance, error) {
	clock := newClock()
	store, err := memory.NewLeases(memory.Config{Shape: h.shape, Now: clock.Now})
	return &leaseInstance{clock, store}, err
}

// leaseInstance is one store: all members of a process share it.
type leaseInstance struct {
	*clock
	store *memory.Leases
}

func (i *leaseInstance) Handle() (ports.LeaseStore, error) { return i.store, nil }

func (i *leaseInstance) Close() error { return nil }

func (i *leaseInstance) Flush() error {
	i.store.Flush()
	return nil
}
