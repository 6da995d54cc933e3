package goredis_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/mishap"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestTheLeaseStoreKeepsItsContract(t *testing.T) {
	report := conformance.LeaseStore(t, &leaseHarness{server: startExamined(t)})
	require.Empty(t, report.NotCovered())
}

// examined is a server on which every store is a service of its own.
type examined struct {
	server   *redistest.Server
	direct   *redis.Client
	services atomic.Int64
}

func startExamined(t *testing.T) *examined {
	server := redistest.Start(t)
	return &examined{server: server, direct: server.Client(t)}
}

// open is one more service.
func (e *examined) open() *examinedService {
	return &examinedService{examined: e, service: fmt.Sprintf("service %d", e.services.Add(1))}
}

// examinedService is what happens to one service, whatever the port.
type examinedService struct {
	*examined
	service string
	ends    []func() error
	proxies []*mishap.Proxy
}

// client is a client of the application's own, before a proxy that does what
// kind says; 0: without one.
func (s *examinedService) client(kind conformance.Mishap) (*redis.Client, error) {
	address := s.server.Addr()
	if kind != 0 {
		proxy, err := mishap.Start(address, mishaps[kind])
		if err != nil {
			return nil, err
		}
		address = proxy.Addr()
		s.proxies = append(s.proxies, proxy)
		s.ends = append(s.ends, proxy.Close)
	}
	client := redis.NewClient(&redis.Options{Addr: address})
	s.ends = append(s.ends, client.Close)
	return client, nil
}

var mishaps = map[conformance.Mishap]mishap.Kind{
	conformance.CutBefore:    mishap.CutBefore,
	conformance.ReplyLost:    mishap.ReplyLost,
	conformance.ExecutedLate: mishap.Late,
	conformance.Silence:      mishap.Silence,
}

func (s *examinedService) Deliver() error {
	var failed []error
	for _, proxy := range s.proxies {
		failed = append(failed, proxy.Deliver())
	}
	return errors.Join(failed...)
}

func (s *examinedService) Close() error {
	var failed []error
	for i := len(s.ends) - 1; i >= 0; i-- {
		failed = append(failed, s.ends[i]())
	}
	return errors.Join(failed...)
}

// operate sends a command of the server's operator.
func (s *examinedService) operate(command ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.direct.Do(ctx, command...).Err()
}

func (s *examinedService) Flush() error { return s.operate("FLUSHALL") }

func (s *examinedService) Restart() error {
	s.server.Restart()
	return nil
}

func (s *examinedService) Keys() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.direct.Keys(ctx, "{"+s.service+"-input}:*").Result()
}

func (s *examinedService) DeleteKey(key string) error { return s.operate("DEL", key) }

func (s *examinedService) Refuse() error {
	return s.operate("ACL", "SETUSER", "default", "-eval", "-evalsha")
}

func (s *examinedService) Accept() error { return s.operate("ACL", "SETUSER", "default", "+@all") }

func (s *examinedService) Exhaust() error { return s.operate("CONFIG", "SET", "maxmemory", "1") }

func (s *examinedService) Relieve() error { return s.operate("CONFIG", "SET", "maxmemory", "0") }

// leaseHarness makes lease stores on one server.
type leaseHarness struct{ server *examined }

func (h *leaseHarness) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: 200 * time.Millisecond}
}

func (h *leaseHarness) Open() (conformance.LeaseStoreInstance, error) {
	return &leaseInstance{h.server.open()}, nil
}

type leaseInstance struct{ *examinedService }

func (i *leaseInstance) Handle() (ports.LeaseStore, error) { return i.HandleWith(0) }

func (i *leaseInstance) HandleWith(kind conformance.Mishap) (ports.LeaseStore, error) {
	client, err := i.client(kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewLeases(client, i.service, goredis.LeaseConfig{})
}
