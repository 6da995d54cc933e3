package goredis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheNotifierKeepsItsContract(t *testing.T) {
	report := conformance.ExpiryNotifier(t, &notifierHarness{server: startExamined(t)})
	require.Empty(t, report.NotCovered())
}

// notifierHarness makes services on one server.
type notifierHarness struct{ server *examined }

func (h *notifierHarness) Limits() conformance.NotifierLimits {
	return conformance.NotifierLimits{
		Limits:     conformance.Limits{SmallestTTL: 200 * time.Millisecond},
		HintWithin: patience,
	}
}

func (h *notifierHarness) Open() (conformance.ExpiryNotifierInstance, error) {
	return &notifierInstance{h.server.open()}, nil
}

type notifierInstance struct{ *examinedService }

func (i *notifierInstance) Handle() (ports.ExpiryNotifier, error) { return i.HandleWith(0) }

func (i *notifierInstance) HandleWith(kind conformance.Mishap) (ports.ExpiryNotifier, error) {
	client, err := i.client(kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewNotifier(client, i.service, goredis.NotifierConfig{})
}

func (i *notifierInstance) Leases() (ports.LeaseStore, error) {
	client, err := i.client(0)
	if err != nil {
		return nil, err
	}
	return goredis.NewLeases(client, i.service, goredis.LeaseConfig{})
}

// Cut breaks what anybody is subscribed with.
func (i *notifierInstance) Cut() error { return i.operate("CLIENT", "KILL", "TYPE", "pubsub") }

// Refuse takes away what Watch needs.
func (i *notifierInstance) Refuse() error {
	return i.operate("ACL", "SETUSER", "default", "-subscribe")
}

// Accept gives it back, and all channels.
func (i *notifierInstance) Accept() error {
	return i.operate("ACL", "SETUSER", "default", "+@all", "allchannels")
}
