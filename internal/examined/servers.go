package examined

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/redistest"
)

// patience bounds what an operator asks a server, and how late a hint may come.
const patience = time.Minute

// Servers are the servers of every service of one examination.
type Servers struct {
	Running []*redistest.Server
	// Operators are allowed to do anything, each on one server.
	Operators []*redis.Client
	services  atomic.Int64
}

// Start runs so many servers.
func Start(t testing.TB, count int) *Servers {
	t.Helper()
	s := &Servers{}
	for range count {
		server := redistest.Start(t)
		s.Running = append(s.Running, server)
		s.Operators = append(s.Operators, server.Client(t))
	}
	return s
}

// Limits are those of stores that count time by the millisecond.
func (s *Servers) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: 200 * time.Millisecond}
}

// NotifierLimits are those of notifiers of such stores.
func (s *Servers) NotifierLimits() conformance.NotifierLimits {
	return conformance.NotifierLimits{Limits: s.Limits(), HintWithin: patience}
}

// NewService is one more service.
func (s *Servers) NewService() *Service {
	return &Service{Servers: s, Name: fmt.Sprintf("service %d", s.services.Add(1))}
}
