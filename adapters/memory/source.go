package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Source is a load-balancer stream in memory, with the records of what became
// of each assignment. All methods may be called concurrently.
type Source struct {
	now func() time.Time

	mu sync.Mutex
	// entries are all assignments that are neither done nor quarantined.
	entries *journal[messageID, *entry]
	// lastAdded is the newest entry that ever was; lastDelivered is where
	// Fetch goes on, and all up to there has been delivered.
	lastAdded, lastDelivered messageID
	// backlog counts the entries after lastDelivered.
	backlog int64
	// announced is closed, and replaced, with every announcement.
	announced chan struct{}
	// givenBack finds by retry time what was delivered and given back.
	givenBack  schedule[*entry]
	taken      tallies
	fleet      fleet
	round      round
	quarantine quarantine
}

var (
	_ ports.StreamSource = (*Source)(nil)
	_ ports.Announcer    = (*Source)(nil)
)

// NewSource makes an empty source, to be combined with any other ports. The
// error is that of Config.Validate.
func NewSource(config Config) (*Source, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	source := &Source{
		now:        config.Now,
		announced:  make(chan struct{}),
		quarantine: quarantine{limit: config.QuarantineLimit},
	}
	source.empty()
	return source, nil
}

// Announce implements ports.Announcer.
func (s *Source) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]ports.AnnounceResult, len(assignments))
	for i, assignment := range assignments {
		results[i] = s.announce(assignment)
	}
	close(s.announced)
	s.announced = make(chan struct{})
	return results, nil
}

func (s *Source) announce(assignment ports.Assignment) ports.AnnounceResult {
	if err := ports.ValidateName(assignment.Ref.Name); err != nil {
		return ports.AnnounceResult{Err: err}
	}
	if err := ports.ValidateInfo(assignment.Info); err != nil {
		return ports.AnnounceResult{Err: err}
	}
	now := s.now()
	id := s.lastAdded.next(now)
	assignment.Ref.MessageID = id.String()
	if len(assignment.Info) == 0 {
		assignment.Info = nil
	}
	assignment.Info = slices.Clone(assignment.Info)
	s.entries.add(id, &entry{id: id, assignment: assignment, announcedAt: now})
	s.lastAdded = id
	s.backlog++
	return ports.AnnounceResult{Ref: assignment.Ref}
}

// find returns the entry of an assignment, or nil when it is gone.
func (s *Source) find(ref ports.StreamRef) *entry {
	id, err := parseMessageID(ref.MessageID)
	if err != nil {
		return nil
	}
	found, ok := s.entries.find(id)
	if !ok || found.assignment.Ref != ref {
		return nil
	}
	return found
}

func (s *Source) isDelivered(e *entry) bool { return e.id.compare(s.lastDelivered) <= 0 }

// remove takes an entry and its record away for good.
func (s *Source) remove(e *entry) {
	if !s.isDelivered(e) {
		s.backlog--
	}
	if e.record.isOwned() {
		s.taken.remove(e.record.taker)
	}
	s.notGivenBack(e)
	s.entries.remove(e.id)
}

func (s *Source) notGivenBack(e *entry) {
	if e.retry != nil {
		s.givenBack.remove(e.retry)
		e.retry = nil
	}
}

// Flush forgets everything at once, as an operator's FLUSHALL does: the
// assignments, the records, the fleet, the quarantine. Message IDs go on
// growing.
func (s *Source) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.empty()
}

func (s *Source) empty() {
	s.entries = newJournal[messageID, *entry](messageID.compare)
	s.lastDelivered = s.lastAdded
	s.backlog = 0
	s.givenBack = schedule[*entry]{}
	s.taken = tallies{}
	s.fleet.empty()
	s.round = round{}
	s.quarantine.empty()
}

// Trim deletes an entry behind the records' back, as an operator's XTRIM does.
// The source does not do so by itself; it is here to show what then happens.
func (s *Source) Trim(ref ports.StreamRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	trimmed := s.find(ref)
	if trimmed == nil {
		return
	}
	trimmed.trimmed = true
	trimmed.assignment.Info = nil
	if !s.isDelivered(trimmed) && trimmed.record.token == 0 {
		s.remove(trimmed)
	}
}
