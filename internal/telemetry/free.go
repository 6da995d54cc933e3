package telemetry

import (
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
)

const (
	// streamsKept and grantsKept bound what is remembered of streams without an
	// owner, in a process that hears of more than it takes.
	streamsKept = 1 << 16
	grantsKept  = 1 << 12
	// longestRecovery is how long a word is remembered: whoever takes a stream
	// over after that has heard of it in another way.
	longestRecovery = 15 * time.Minute
	// sameLoss is more than two words of one loss can differ about its instant,
	// and less than any TTL.
	sameLoss = 50 * time.Millisecond
)

// freeStreams remembers since when streams have had no owner, so far as this
// member has heard: by a hint, or else by a sweep.
type freeStreams struct {
	mu      sync.Mutex
	seed    maphash.Seed
	streams recent[uint64, origin] // by the hash of the name: names may be large
	grants  recent[core.GrantID, time.Duration]
}

// origin is how it became known that a stream is free.
type origin struct {
	how   telling
	since time.Duration // by the member's clock
}

// telling is by what it became known.
type telling uint8

const (
	lost    telling = iota // a hint of an expiry
	offered                // a hint of somebody who gave it up, or has no room
	swept                  // a sweep, and no hint
)

func newFreeStreams() *freeStreams {
	return &freeStreams{
		seed:    maphash.MakeSeed(),
		streams: newRecent[uint64, origin](streamsKept),
		grants:  newRecent[core.GrantID, time.Duration](grantsKept),
	}
}

func (f *freeStreams) key(name string) uint64 { return maphash.String(f.seed, name) }

// hinted takes in a hint that came at the instant now. It reports whether it
// tells of a loss that was not known.
func (f *freeStreams) hinted(hint core.Hint, now time.Duration) (isNews bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch hint.Kind {
	case core.HintGrant:
		if _, known := f.grants.get(hint.Grant); known {
			return false
		}
		f.grants.put(hint.Grant, now-hint.Age)
		return true
	case core.HintRef:
		// A notifier knows when a lease expired. A member that offers a stream
		// does not say since when it is free.
		if hint.Age > 0 {
			return f.lost(hint.Ref.Name, now-hint.Age)
		}
		f.offered(hint.Ref.Name, now)
	case core.HintName:
		// Somebody has released it, who owned it until now: that was no loss.
		f.streams.drop(f.key(hint.Ref.Name))
	}
	return false
}

// left takes in what an expired grant left behind, which was expired since the
// hint of it.
func (f *freeStreams) left(page core.LeasePage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, lease := range page.Leases {
		if since, hinted := f.grants.get(lease.Grant); hinted && page.Expired {
			f.lost(lease.Ref.Name, since)
		}
	}
}

// lost: a stream lost its owner at the instant since. Hints of one loss come
// again while nobody takes the stream.
func (f *freeStreams) lost(name string, since time.Duration) (isNews bool) {
	key := f.key(name)
	known, found := f.streams.get(key)
	if found && known.how == lost && since-known.since < sameLoss {
		return false
	}
	f.streams.put(key, origin{how: lost, since: since})
	return true
}

// offered: somebody says that a stream is free, which may be an old story.
func (f *freeStreams) offered(name string, now time.Duration) {
	key := f.key(name)
	if known, found := f.streams.get(key); !found || known.how == swept || now-known.since > longestRecovery {
		f.streams.put(key, origin{how: offered, since: now})
	}
}

// owned forgets what somebody turned out to own.
func (f *freeStreams) owned(results []core.AcquireResult) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, result := range results {
		if errors.Is(result.Err, core.ErrHeld) {
			f.streams.drop(f.key(result.Holder.Lease.Ref.Name))
		}
	}
}

// swept takes in what a sweep lists as given back.
func (f *freeStreams) swept(page core.SweepPage, now time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, due := range page.Due {
		f.found(due.Assignment.Ref.Name, now)
	}
	for _, listed := range page.Round {
		if listed.Settled && listed.RetryIn == 0 {
			f.found(listed.Assignment.Ref.Name, now)
		}
	}
}

// inspected takes in what nobody turned out to hold.
func (f *freeStreams) inspected(names []string, results []core.InspectResult, now time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, result := range results[:min(len(results), len(names))] {
		if result.Err == nil && !result.Held {
			f.found(names[i], now)
		}
	}
}

func (f *freeStreams) found(name string, now time.Duration) {
	key := f.key(name)
	if known, found := f.streams.get(key); !found || now-known.since > longestRecovery {
		f.streams.put(key, origin{how: swept, since: now})
	}
}

// taken answers since when a stream had no owner that has one now, and forgets
// it. It reports false when nothing was heard of it.
func (f *freeStreams) taken(name string, now time.Duration) (origin, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := f.key(name)
	known, found := f.streams.get(key)
	f.streams.drop(key)
	return known, found && now-known.since <= longestRecovery
}
