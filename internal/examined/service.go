package examined

import (
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/mishap"
)

// Service is one service, whatever the port, and what happens to it.
type Service struct {
	*Servers
	Name    string
	ends    []func() error
	proxies []*mishap.Proxy
}

// Clients are the clients of one more process, one for each server, with the
// mishap on the way to each of them; 0: none.
func (s *Service) Clients(kind conformance.Mishap) ([]redis.UniversalClient, error) {
	clients := make([]redis.UniversalClient, len(s.Running))
	for server := range clients {
		client, err := s.Client(server, kind)
		if err != nil {
			return nil, err
		}
		clients[server] = client
	}
	return clients, nil
}

// Client is a client of one of the servers, by options of which change makes
// some, with the mishap on the way; 0: none.
func (s *Service) Client(server int, kind conformance.Mishap, change ...func(*redis.Options)) (redis.UniversalClient, error) {
	options := &redis.Options{Addr: s.Running[server].Addr()}
	for _, apply := range change {
		apply(options)
	}
	if kind != 0 {
		proxy, err := mishap.Start(options.Addr, mishaps[kind])
		if err != nil {
			return nil, err
		}
		options.Addr = proxy.Addr()
		s.proxies = append(s.proxies, proxy)
		s.ends = append(s.ends, proxy.Close)
	}
	client := redis.NewClient(options)
	s.ends = append(s.ends, client.Close)
	return client, nil
}

var mishaps = map[conformance.Mishap]mishap.Kind{
	conformance.CutBefore:    mishap.CutBefore,
	conformance.ReplyLost:    mishap.ReplyLost,
	conformance.ExecutedLate: mishap.Late,
	conformance.Silence:      mishap.Silence,
}

// Deliver executes what was held back.
func (s *Service) Deliver() error {
	var failed []error
	for _, proxy := range s.proxies {
		failed = append(failed, proxy.Deliver())
	}
	return errors.Join(failed...)
}

// Close ends the clients and what stands before them.
func (s *Service) Close() error {
	var failed []error
	for _, end := range slices.Backward(s.ends) {
		failed = append(failed, end())
	}
	return errors.Join(failed...)
}
