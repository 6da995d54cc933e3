package core

import "time"

// Status is what a machine knows of itself and its fleet, for probes.
type Status struct {
	// Owned counts the streams owned now; Room is how many more the member
	// could own, -1: no limit.
	Owned, Room int
	// Lingering counts the handlers that have not returned although their
	// tenure is over.
	Lingering int
	// ConnectedSince is when heartbeats began to be answered; -1: they are
	// not, now.
	ConnectedSince time.Duration
	// LastRenewal is when the last successful Renew was sent; -1: none was.
	LastRenewal time.Duration
	// LeftAtRenewal is how much local validity was left when the last
	// successful Renew was answered, to the grant of it that had least: how
	// near the member was to losing streams; -1: there was none.
	LeftAtRenewal time.Duration
	// Members is the number of live members; Backlog the assignments that
	// nobody was given, as the last heartbeat said.
	Members int
	Backlog int64
	// OldestWait is how long the oldest of those has waited.
	OldestWait time.Duration
	// SweepInterval is how long a round of the sweep takes now.
	SweepInterval time.Duration
	// Stale: the member's view is doubtful; it neither claims nor sweeps.
	Stale bool
	// LastError is the last error of a port, nil: none.
	LastError error
}

// Status is cheap: it can be asked for after every step.
func (m *Machine) Status() Status {
	room := -1
	if most := m.maxStreams(); most > 0 {
		room = max(0, most-m.inUse())
	}
	return Status{
		Owned: m.owned, Room: room, Lingering: m.handlers.lingering, ConnectedSince: m.connected, LastRenewal: m.renewedAt,
		Members: len(m.fleet.known.Members), Backlog: m.fleet.known.Backlog,
		OldestWait: m.fleet.known.OldestWait, LeftAtRenewal: m.leftAtRenewal,
		SweepInterval: max(m.sweep.interval, m.config.SweepInterval), Stale: m.stale(), LastError: m.lastError,
	}
}
