package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestARightCombinationPassesInNoTime(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			report := Combination(t, &memoryCombination{shape: shape})
			assert.False(t, report.IsPartial())
		})
	}
}

// memoryCombination makes services in memory: right, but for what spoil makes
// of a member's ports.
type memoryCombination struct {
	shape ports.GrantShape
	spoil func(*memoryService, *ports.Set)
	open  *memoryService // the one that was opened first of those not closed
}

func (h *memoryCombination) IsInProcess() bool { return true }

func (h *memoryCombination) Limits() CombinationLimits { return CombinationLimits{} }

func (h *memoryCombination) Open() (CombinationInstance, error) {
	service, err := memory.New(memory.Config{Shape: h.shape})
	opened := &memoryService{Service: service, harness: h, neighbour: h.open}
	if h.open == nil {
		h.open = opened
	}
	return opened, err
}

// memoryService is one service, with time as the test has it.
type memoryService struct {
	*memory.Service
	harness   *memoryCombination
	neighbour *memoryService // another service that is open
	malformed malformed

	mu      sync.Mutex
	joined  bool // there is a member
	flushed bool
}

func (s *memoryService) Ports() (ports.Set, error) {
	set := s.Service.Ports()
	set.Source = &readingSource{s.Source, &s.malformed}
	if s.harness.spoil != nil {
		s.harness.spoil(s, &set)
	}
	return set, nil
}

func (s *memoryService) Quarantine() ([]Quarantined, error) {
	listed := s.malformed.quarantine()
	for _, one := range s.Source.Quarantine() {
		found := Quarantined{Ref: one.Ref, Reason: one.Reason, Failures: one.Failures, Crashes: one.Crashes}
		for _, ending := range one.Endings {
			found.Endings = append(found.Endings, ending.Reason)
		}
		listed = append(listed, found)
	}
	return listed, nil
}

func (s *memoryService) Close() error {
	if s.harness.open == s {
		s.harness.open = nil
	}
	return nil
}

func (s *memoryService) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushed = true
	s.Source.Flush()
	s.Leases.Flush()
	return nil
}

func (s *memoryService) Poisons() []Poison {
	return []Poison{{What: "an entry that cannot be read", Add: s.malformed.add}}
}

// malformed are entries that cannot be read: a source in memory has none of its
// own. Its methods may be called concurrently.
type malformed struct {
	mu     sync.Mutex
	added  int
	unread []Quarantined
	read   []Quarantined
}

func (m *malformed) add() (messageID string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.added++
	messageID = fmt.Sprintf("0-%d", m.added)
	m.unread = append(m.unread, Quarantined{Ref: ports.StreamRef{MessageID: messageID}, Reason: "it cannot be read"})
	return messageID, nil
}

// collect puts into quarantine what a reader comes by.
func (m *malformed) collect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read, m.unread = append(m.read, m.unread...), nil
}

func (m *malformed) areThere() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.unread) > 0
}

func (m *malformed) quarantine() []Quarantined {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.read)
}

// announcing is what sources of combinations are.
type announcing interface {
	ports.StreamSource
	ports.Announcer
}

// readingSource comes by malformed entries.
type readingSource struct {
	announcing
	malformed *malformed
}

func (s *readingSource) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	s.malformed.collect()
	return s.announcing.Fetch(ctx, member, most, wait)
}
