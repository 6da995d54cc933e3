package conformance

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// The members of the checks. Their IDs are of the worst kind that the contract
// allows, and the same for two of them.
var (
	alice = ports.Member{ID: "alice: {of}\nthe \x00 hills *", Incarnation: "alice-1"}
	bob   = ports.Member{ID: "bob", Incarnation: "bob-1"}
	twin  = ports.Member{ID: alice.ID, Incarnation: "alice-2"}
)

const (
	// long is the TTL of what no check sees the end of.
	long = time.Hour
	// longestTTL is where a check gives up to find a TTL that is long enough
	// for so slow a machine.
	longestTTL = 20 * time.Second
	// lateness is how much later than due a lease may be gone in real time, by
	// clocks that do not run quite alike.
	lateness = 50 * time.Millisecond
)

// leaseBench is a lease store under examination.
type leaseBench struct {
	*probe
	*pace
	limits   Limits
	harness  LeaseStoreHarness
	instance LeaseStoreInstance
	// store is the handle that checks use which need only one.
	store *leaseHandle
	shape ports.GrantShape

	labels labels
	losses int // how often lost was asked for
	ends   []func() error
}

// onLeaseBench makes a check of a lease store a check.
func onLeaseBench(harness LeaseStoreHarness, examine func(*leaseBench)) func(*probe) {
	return func(p *probe) {
		b := newLeaseBench(p, harness)
		defer b.close()
		examine(b)
	}
}

func newLeaseBench(p *probe, harness LeaseStoreHarness) *leaseBench {
	b := &leaseBench{probe: p, harness: harness, limits: harness.Limits().withDefaults()}
	instance, err := harness.Open()
	p.must(err, "open a store")
	b.instance = instance
	b.pace = newPace(instance)
	b.ends = append(b.ends, instance.Close)
	b.store = b.another()
	b.shape = b.store.port.Shape()
	return b
}

// another is one more handle on the store.
func (b *leaseBench) another() *leaseHandle {
	store, err := b.instance.Handle()
	b.must(err, "make a handle")
	return b.adopt(store)
}

// adopt makes the bench see to a handle's end.
func (b *leaseBench) adopt(store ports.LeaseStore) *leaseHandle {
	if closer, closes := store.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	return &leaseHandle{bench: b, port: store, name: fmt.Sprintf("handle %d", len(b.ends))}
}

// close ends the handles, then the store.
func (b *leaseBench) close() {
	for i := len(b.ends) - 1; i >= 0; i-- {
		if err := b.ends[i](); err != nil {
			b.violated("the harness could not close the store: %v", err)
		}
	}
}

// sessions reports whether one grant covers many leases.
func (b *leaseBench) sessions() bool { return b.shape == ports.GrantPerMember }

// newGrant draws a grant, and a short name for it for the journal.
func (b *leaseBench) newGrant() (grant ports.GrantID) {
	_, _ = rand.Read(grant[:])
	b.labels.add(grant)
	return grant
}

// labels are short names of grants.
type labels struct {
	mu     sync.Mutex
	number map[ports.GrantID]int
}

func (l *labels) add(grant ports.GrantID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.number == nil {
		l.number = map[ports.GrantID]int{}
	}
	l.number[grant] = len(l.number) + 1
}

func (l *labels) of(grant ports.GrantID) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	number, known := l.number[grant]
	switch {
	case known:
		return fmt.Sprintf("g%d", number)
	case grant.IsZero():
		return "no grant"
	default:
		return grant.String()
	}
}
