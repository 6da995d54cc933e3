package lockstest

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

// Conform has the lease store examined on so many servers. open makes a store
// for a service.
func Conform(t *testing.T, servers int, open openLeases) conformance.Report {
	return conformance.LeaseStore(t, leaseExamination{examined.Start(t, servers), open})
}

// openLeases makes a store for a service.
type openLeases = func(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error)

// leaseExamination is the servers on which every store is a service of its own.
type leaseExamination struct {
	*examined.Servers
	open openLeases
}

// Open makes one more service.
func (e leaseExamination) Open() (conformance.LeaseStoreInstance, error) {
	return &examinedLeases{e.NewService(), e.open}, nil
}

// examinedLeases is one store, and what an operator and the network do to it.
type examinedLeases struct {
	*examined.Service
	open openLeases
}

// Handle is one more process.
func (e *examinedLeases) Handle() (ports.LeaseStore, error) { return e.HandleWith(0) }

// HandleWith lets the mishap happen on the way to a majority of the servers, to
// the first request of a call; and ReplyLost to the last, since a call of which
// only some steps were executed is no call that was executed.
func (e *examinedLeases) HandleWith(kind conformance.Mishap) (ports.LeaseStore, error) {
	var clients []redis.UniversalClient
	var wires []*wire
	for server := range e.Running {
		happens := kind
		var taps []func(*redis.Options)
		switch {
		case server > len(e.Running)/2:
			happens = 0
		case kind == conformance.ReplyLost:
			happens = 0
			wires = append(wires, &wire{})
			taps = append(taps, wires[server].tap)
		}
		client, err := e.Client(server, happens, taps...)
		if err != nil {
			return nil, err
		}
		clients = append(clients, client)
	}
	store, err := e.open(e.Name, clients...)
	if err != nil || kind != conformance.ReplyLost {
		return store, err
	}
	return &forgetful{store: store, wires: wires}, nil
}
