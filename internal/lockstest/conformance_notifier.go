package lockstest

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/mishap"
	"github.com/streamlease/streamlease/ports"
)

// openNotifier makes a notifier for a service.
type openNotifier = func(service string, clients ...redis.UniversalClient) (ports.ExpiryNotifier, error)

// ConformNotifier has the notifier of locks examined on so many servers, beside
// the leases that it looks after.
func ConformNotifier(t *testing.T, servers int, leases openLeases, notifier openNotifier) conformance.Report {
	return conformance.ExpiryNotifier(t, notifierExamination{examine(t, servers, leases), notifier})
}

type notifierExamination struct {
	leases   *examination
	notifier openNotifier
}

// Limits are those of the leases.
func (e notifierExamination) Limits() conformance.NotifierLimits {
	return conformance.NotifierLimits{Limits: e.leases.Limits(), HintWithin: patience}
}

// Open makes one more service.
func (e notifierExamination) Open() (conformance.ExpiryNotifierInstance, error) {
	return &examinedNotifier{e.leases.examined(), e.notifier}, nil
}

// examinedNotifier is one notifier, and what an operator and the network do to
// it.
type examinedNotifier struct {
	*examined
	notifier openNotifier
}

// Handle is one more process.
func (e *examinedNotifier) Handle() (ports.ExpiryNotifier, error) { return e.HandleWith(0) }

// Leases is the store whose leases are looked after.
func (e *examinedNotifier) Leases() (ports.LeaseStore, error) { return e.examined.Handle() }

// HandleWith lets the mishap happen on the way to every server.
func (e *examinedNotifier) HandleWith(kind conformance.Mishap) (ports.ExpiryNotifier, error) {
	clients := make([]redis.UniversalClient, len(e.servers))
	for i, server := range e.servers {
		options := &redis.Options{Addr: server.Addr()}
		if kind != 0 {
			proxy, err := mishap.Start(server.Addr(), notifierMishaps[kind])
			if err != nil {
				return nil, err
			}
			options.Addr = proxy.Addr()
			e.ends = append(e.ends, proxy.Close)
		}
		client := redis.NewClient(options)
		e.ends = append(e.ends, client.Close)
		clients[i] = client
	}
	return e.notifier(e.service, clients...)
}

var notifierMishaps = map[conformance.Mishap]mishap.Kind{
	conformance.CutBefore:    mishap.CutBefore,
	conformance.ReplyLost:    mishap.ReplyLost,
	conformance.ExecutedLate: mishap.Late,
	conformance.Silence:      mishap.Silence,
}

// Cut breaks what anybody is subscribed with.
func (e *examinedNotifier) Cut() error { return e.operate("CLIENT", "KILL", "TYPE", "pubsub") }

// Refuse takes away what Watch needs.
func (e *examinedNotifier) Refuse() error {
	return e.operate("ACL", "SETUSER", "default", "-subscribe")
}

// Accept gives it back, and all channels.
func (e *examinedNotifier) Accept() error {
	return e.operate("ACL", "SETUSER", "default", "+@all", "allchannels")
}
