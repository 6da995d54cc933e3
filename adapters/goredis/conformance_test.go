package goredis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

func TestTheLeaseStoreKeepsItsContract(t *testing.T) {
	report := conformance.LeaseStore(t, leaseHarness{examined.Start(t, 1)})
	require.Empty(t, report.NotCovered())
}

// leaseHarness makes lease stores on one server.
type leaseHarness struct{ *examined.Servers }

func (h leaseHarness) Open() (conformance.LeaseStoreInstance, error) {
	return &leaseInstance{h.NewService()}, nil
}

type leaseInstance struct{ *examined.Service }

func (i *leaseInstance) Handle() (ports.LeaseStore, error) { return i.HandleWith(0) }

func (i *leaseInstance) HandleWith(kind conformance.Mishap) (ports.LeaseStore, error) {
	client, err := i.Client(0, kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewLeases(client, i.Name, goredis.LeaseConfig{})
}
