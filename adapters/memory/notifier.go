package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Notifier relays published hints to every Watch and gives hints of its own
// when grants of a Leases expire. All methods may be called concurrently.
type Notifier struct {
	leases    *Leases
	pollEvery time.Duration
	buffer    int

	mu       sync.Mutex
	watchers []*watcher
}

var _ ports.ExpiryNotifier = (*Notifier)(nil)

// NewNotifier makes a notifier for the grants of leases. With nil, for a lease
// store of another adapter, it only relays what is published. The error is
// that of Config.Validate.
func NewNotifier(config Config, leases *Leases) (*Notifier, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	return &Notifier{leases: leases, pollEvery: config.PollEvery, buffer: config.HintBuffer}, nil
}

// Publish implements ports.ExpiryNotifier. It never waits for a receiver.
func (n *Notifier) Publish(ctx context.Context, hints []ports.Hint) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, watching := range n.watchers {
		watching.push(hints, n.buffer)
	}
	return nil
}

// Watch implements ports.ExpiryNotifier. Each Watch looks for expired grants
// by itself, so that none depends on another member's health.
func (n *Notifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	watching := &watcher{gap: true, arrived: make(chan struct{}, 1)}
	n.register(watching)
	defer n.unregister(watching)
	ticker := time.NewTicker(n.pollEvery)
	defer ticker.Stop()
	seen := int64(0)
	for ctx.Err() == nil {
		hints := watching.pull()
		if n.leases != nil {
			hints, seen = n.leases.appendLost(hints, seen)
		}
		if len(hints) > 0 {
			deliver(hints)
			continue
		}
		select {
		case <-ctx.Done():
		case <-watching.arrived:
		case <-ticker.C:
		}
	}
	return nil
}

func (n *Notifier) register(added *watcher) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers = append(n.watchers, added)
}

func (n *Notifier) unregister(removed *watcher) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers = slices.DeleteFunc(n.watchers, func(w *watcher) bool { return w == removed })
}

// watcher is the hints that wait for one Watch.
type watcher struct {
	mu      sync.Mutex
	waiting []ports.Hint
	// gap: hints may have been missed, and the receiver was not told yet.
	gap     bool
	arrived chan struct{}
}

func (w *watcher) push(hints []ports.Hint, limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fits := min(len(hints), limit-len(w.waiting))
	w.waiting = append(w.waiting, hints[:fits]...)
	if fits < len(hints) {
		w.gap = true
	}
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// pull takes everything that waits, a gap first.
func (w *watcher) pull() []ports.Hint {
	w.mu.Lock()
	defer w.mu.Unlock()
	hints := w.waiting
	if w.gap {
		hints = append([]ports.Hint{{Kind: ports.HintGap}}, hints...)
	}
	w.waiting, w.gap = nil, false
	return hints
}

// lostPage is how many lost grants one delivery tells of at most.
const lostPage = 1000

// appendLost adds hints for the grants that were lost after the one with the
// number seen, and returns the number of the last one it told of.
func (l *Leases) appendLost(hints []ports.Hint, seen int64) ([]ports.Hint, int64) {
	now := l.lock()
	defer l.mu.Unlock()
	told := 0
	for number, lost := range l.lost.after(seen) {
		if told == lostPage {
			break
		}
		hints = l.appendLostGrant(hints, lost, now)
		seen = number
		told++
	}
	return hints, seen
}

// appendLostGrant tells of a session once, whatever it held.
func (l *Leases) appendLostGrant(hints []ports.Hint, lost *grant, now time.Time) []ports.Hint {
	age := now.Sub(lost.lostAt)
	if l.shape == ports.GrantPerMember {
		return append(hints, ports.Hint{Kind: ports.HintGrant, Grant: lost.id, Age: age})
	}
	for _, left := range lost.leases.after(0) {
		hints = append(hints, ports.Hint{Kind: ports.HintRef, Ref: left.ref, Age: age})
	}
	return hints
}
