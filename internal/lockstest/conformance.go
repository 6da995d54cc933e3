package lockstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/mishap"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// Conform has the lease store examined on so many servers. open makes a store
// for a service.
func Conform(t *testing.T, servers int, open openLeases) conformance.Report {
	return conformance.LeaseStore(t, examine(t, servers, open))
}

func examine(t *testing.T, servers int, open openLeases) *examination {
	t.Helper()
	e := &examination{open: open}
	for range servers {
		server := redistest.Start(t)
		e.servers = append(e.servers, server)
		e.direct = append(e.direct, server.Client(t))
	}
	return e
}

// openLeases makes a store for a service.
type openLeases = func(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error)

// examination is the servers on which every store is a service of its own.
type examination struct {
	open     openLeases
	servers  []*redistest.Server
	direct   []*redis.Client
	services atomic.Int64
}

// Limits are those of a store whose keys expire by the millisecond.
func (e *examination) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: 200 * time.Millisecond}
}

// Open makes one more service.
func (e *examination) Open() (conformance.LeaseStoreInstance, error) { return e.examined(), nil }

func (e *examination) examined() *examined {
	return &examined{examination: e, service: fmt.Sprintf("service %d", e.services.Add(1))}
}

// examined is one store, and what an operator and the network do to it.
type examined struct {
	*examination
	service string
	ends    []func() error
	proxies []*mishap.Proxy
}

// Handle is one more process.
func (e *examined) Handle() (ports.LeaseStore, error) { return e.HandleWith(0) }

// HandleWith lets the mishap happen on the way to a majority of the servers, to
// the first request of a call; and ReplyLost to the last, since a call of which
// only some steps were executed is no call that was executed.
func (e *examined) HandleWith(kind conformance.Mishap) (ports.LeaseStore, error) {
	clients := make([]redis.UniversalClient, len(e.servers))
	var wires []*wire
	for i, server := range e.servers {
		options := &redis.Options{Addr: server.Addr()}
		switch {
		case kind == 0 || i > len(e.servers)/2:
		case kind == conformance.ReplyLost:
			wires = append(wires, &wire{})
			wires[i].tap(options)
		default:
			proxy, err := mishap.Start(server.Addr(), mishaps[kind])
			if err != nil {
				return nil, err
			}
			options.Addr = proxy.Addr()
			e.proxies = append(e.proxies, proxy)
			e.ends = append(e.ends, proxy.Close)
		}
		client := redis.NewClient(options)
		e.ends = append(e.ends, client.Close)
		clients[i] = client
	}
	store, err := e.open(e.service, clients...)
	if err != nil || kind != conformance.ReplyLost {
		return store, err
	}
	return &forgetful{store: store, wires: wires}, nil
}

var mishaps = map[conformance.Mishap]mishap.Kind{
	conformance.CutBefore:    mishap.CutBefore,
	conformance.ExecutedLate: mishap.Late,
	conformance.Silence:      mishap.Silence,
}

// Deliver executes what was held back.
func (e *examined) Deliver() error {
	var failed []error
	for _, proxy := range e.proxies {
		failed = append(failed, proxy.Deliver())
	}
	return errors.Join(failed...)
}

// Close ends what Handle began.
func (e *examined) Close() error {
	var failed []error
	for _, end := range slices.Backward(e.ends) {
		failed = append(failed, end())
	}
	return errors.Join(failed...)
}

// operate sends a command of the servers' operator.
func (e *examined) operate(command ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var failed []error
	for _, direct := range e.direct {
		failed = append(failed, direct.Do(ctx, command...).Err())
	}
	return errors.Join(failed...)
}

// Flush empties every server.
func (e *examined) Flush() error { return e.operate("FLUSHALL") }

// Restart restarts every server.
func (e *examined) Restart() error {
	for _, server := range e.servers {
		server.Restart()
	}
	return nil
}

// Keys are those of the service; on a quorum each server has the same.
func (e *examined) Keys() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return e.direct[0].Keys(ctx, "{"+e.service+"-input}:*").Result()
}

// DeleteKey removes a key on every server.
func (e *examined) DeleteKey(key string) error { return e.operate("DEL", key) }

// Refuse takes away the right to run scripts.
func (e *examined) Refuse() error {
	return e.operate("ACL", "SETUSER", "default", "-eval", "-evalsha")
}

// Accept gives it back.
func (e *examined) Accept() error { return e.operate("ACL", "SETUSER", "default", "+@all") }

// Exhaust leaves no memory.
func (e *examined) Exhaust() error { return e.operate("CONFIG", "SET", "maxmemory", "1") }

// Relieve gives it back.
func (e *examined) Relieve() error { return e.operate("CONFIG", "SET", "maxmemory", "0") }
