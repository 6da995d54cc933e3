package streamlease

import (
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
)

// Status is a snapshot for probes and dashboards.
type Status struct {
	// ConnectedSince is when the member joined the fleet, or came back after
	// an outage. Zero: it is not connected.
	ConnectedSince time.Time
	// LastRenewal is when the leases were last renewed. Zero: never.
	LastRenewal time.Time
	// Owned is how many streams the member owns.
	Owned int
	// Room is how many more it may own. -1: any number.
	Room int
	// Lingering is how many handlers of Run have not returned although ownership
	// of their streams has ended. Each keeps its room.
	Lingering int
	// Fleet is how many members live, this one included.
	Fleet int
	// Backlog is how many assignments nobody was given yet.
	Backlog int64
	// SweepInterval is the time that a round of the sweep takes at present: a
	// stream whose hint was lost waits so long at most, beside the TTL.
	SweepInterval time.Duration
	// Stale: the member's view of the store is in doubt, because its calls
	// fail or take longer than TTL/12, or because the process was held up. It
	// keeps what it owns and takes nothing over until fresh answers have come.
	Stale bool
	// LastError is what went wrong last, perhaps long ago. Nil: nothing.
	LastError error
}

// statusBoard is where the loop leaves its status for others to read. The lock
// is held for a copy and for nothing else.
type statusBoard struct {
	mu     sync.Mutex
	latest core.Status
}

func (b *statusBoard) publish(status core.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.latest = status
}

func (b *statusBoard) read() core.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.latest
}

// snapshot puts the machine's clock into dates.
func (l *loop) snapshot() Status {
	status := l.status.read()
	return Status{
		ConnectedSince: l.date(status.ConnectedSince),
		LastRenewal:    l.date(status.LastRenewal),
		Owned:          status.Owned,
		Room:           status.Room,
		Lingering:      status.Lingering,
		Fleet:          status.Members,
		Backlog:        status.Backlog,
		Stale:          status.Stale,
		SweepInterval:  status.SweepInterval,
		LastError:      status.LastError,
	}
}

// date is the zero time for an instant that never was.
func (l *loop) date(instant time.Duration) time.Time {
	if instant < 0 {
		return time.Time{}
	}
	return l.start.Add(instant)
}
