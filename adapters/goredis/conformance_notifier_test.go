package goredis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

func TestTheNotifierKeepsItsContract(t *testing.T) {
	report := conformance.ExpiryNotifier(t, notifierHarness{examined.Start(t, 1)})
	require.Empty(t, report.NotCovered())
}

// notifierHarness makes services on one server.
type notifierHarness struct{ servers *examined.Servers }

func (h notifierHarness) Limits() conformance.NotifierLimits { return h.servers.NotifierLimits() }

func (h notifierHarness) Open() (conformance.ExpiryNotifierInstance, error) {
	return &notifierInstance{examined.Hearing{Service: h.servers.NewService()}}, nil
}

type notifierInstance struct{ examined.Hearing }

func (i *notifierInstance) Handle() (ports.ExpiryNotifier, error) { return i.HandleWith(0) }

func (i *notifierInstance) HandleWith(kind conformance.Mishap) (ports.ExpiryNotifier, error) {
	client, err := i.Client(0, kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewNotifier(client, i.Name, goredis.NotifierConfig{})
}

func (i *notifierInstance) Leases() (ports.LeaseStore, error) {
	client, err := i.Client(0, 0)
	if err != nil {
		return nil, err
	}
	return goredis.NewLeases(client, i.Name, goredis.LeaseConfig{})
}
