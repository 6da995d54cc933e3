package lockstest

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

// openNotifier makes a notifier for a service.
type openNotifier = func(service string, clients ...redis.UniversalClient) (ports.ExpiryNotifier, error)

// ConformNotifier has the notifier of locks examined on so many servers, beside
// the leases that it looks after.
func ConformNotifier(t *testing.T, servers int, leases openLeases, notifier openNotifier) conformance.Report {
	return conformance.ExpiryNotifier(t, notifierExamination{examined.Start(t, servers), leases, notifier})
}

type notifierExamination struct {
	servers  *examined.Servers
	leases   openLeases
	notifier openNotifier
}

// Limits are those of the leases.
func (e notifierExamination) Limits() conformance.NotifierLimits { return e.servers.NotifierLimits() }

// Open makes one more service.
func (e notifierExamination) Open() (conformance.ExpiryNotifierInstance, error) {
	return &examinedNotifier{examined.Hearing{Service: e.servers.NewService()}, e.leases, e.notifier}, nil
}

// examinedNotifier is one notifier, and what an operator and the network do to
// it.
type examinedNotifier struct {
	examined.Hearing
	leases   openLeases
	notifier openNotifier
}

// Handle is one more process.
func (e *examinedNotifier) Handle() (ports.ExpiryNotifier, error) { return e.HandleWith(0) }

// HandleWith lets the mishap happen on the way to every server.
func (e *examinedNotifier) HandleWith(kind conformance.Mishap) (ports.ExpiryNotifier, error) {
	clients, err := e.Clients(kind)
	if err != nil {
		return nil, err
	}
	return e.notifier(e.Name, clients...)
}

// Leases is the store whose leases are looked after.
func (e *examinedNotifier) Leases() (ports.LeaseStore, error) {
	clients, err := e.Clients(0)
	if err != nil {
		return nil, err
	}
	return e.leases(e.Name, clients...)
}
