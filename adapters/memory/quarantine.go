package memory

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Quarantined is an assignment that could not be processed, with the evidence.
type Quarantined struct {
	Ref  ports.StreamRef
	Info ports.Info
	// Reason is what the member that gave it up said, or why it was lost.
	Reason            string
	Failures, Crashes int
	// Endings are the last tenures, oldest first; at most five.
	Endings []Ending
	At      time.Time
}

// quarantine keeps the newest of what was put into it.
type quarantine struct {
	limit   int
	kept    []Quarantined
	dropped int64
}

func (q *quarantine) add(e *entry, reason string, now time.Time) {
	q.kept = append(q.kept, Quarantined{
		Ref:      e.assignment.Ref,
		Info:     e.assignment.Info,
		Reason:   reason,
		Failures: e.record.failures,
		Crashes:  e.record.crashes,
		Endings:  e.record.endings,
		At:       now,
	})
	if len(q.kept) > q.limit {
		q.kept[0] = Quarantined{}
		q.kept = q.kept[1:]
		q.dropped++
	}
}

func (q *quarantine) empty() { q.kept, q.dropped = nil, 0 }

// lose puts a trimmed entry into the quarantine.
func (s *Source) lose(e *entry, now time.Time) {
	s.quarantine.add(e, ports.ErrLost.Error(), now)
	s.remove(e)
}

// Quarantine lists what is in quarantine, oldest first.
func (s *Source) Quarantine() []Quarantined {
	s.mu.Lock()
	defer s.mu.Unlock()
	listed := slices.Clone(s.quarantine.kept)
	for i := range listed {
		listed[i].Endings = slices.Clone(listed[i].Endings)
	}
	return listed
}

// QuarantineDropped is how many the quarantine let go because it was full.
func (s *Source) QuarantineDropped() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quarantine.dropped
}
