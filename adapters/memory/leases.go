package memory

import (
	"cmp"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Leases is a lease store in memory. All methods may be called concurrently.
type Leases struct {
	shape ports.GrantShape
	now   func() time.Time

	mu sync.Mutex
	// names has the lease on each name: a live one, or what an expired grant
	// left behind.
	names  map[string]*lease
	grants map[ports.GrantID]*grant
	// deadlines has the grants that live, lost those that expired and left
	// something behind, in the order in which they did.
	deadlines schedule[*grant]
	lost      *journal[int64, *grant]
	lostCount int64
	// counter is the last token that was drawn.
	counter ports.Token
}

var _ ports.LeaseStore = (*Leases)(nil)

// NewLeases makes an empty lease store, to be combined with any other ports.
// The error is that of Config.Validate.
func NewLeases(config Config) (*Leases, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	leases := &Leases{shape: config.Shape, now: config.Now}
	leases.empty()
	return leases, nil
}

// Shape implements ports.LeaseStore.
func (l *Leases) Shape() ports.GrantShape { return l.shape }

// Renew implements ports.LeaseStore.
func (l *Leases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := l.lock()
	defer l.mu.Unlock()
	results := make([]ports.RenewResult, len(grants))
	for i, id := range grants {
		renewed := l.grants[id]
		if renewed == nil || renewed.isLost() {
			results[i].Err = grantExpired(id)
			continue
		}
		l.extend(renewed, now.Add(ttl))
		results[i].Tally = renewed.tally
	}
	return results, nil
}

// Leases implements ports.LeaseStore. Its cursors are tokens: tokens grow, so
// what is added while one pages comes last.
func (l *Leases) Leases(ctx context.Context, id ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	if err := ctx.Err(); err != nil {
		return ports.LeasePage{}, err
	}
	var from int64
	if cursor != "" {
		var err error
		if from, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return ports.LeasePage{}, refuse("Leases", err)
		}
	}
	l.lock()
	defer l.mu.Unlock()
	paged := l.grants[id]
	if paged == nil {
		return ports.LeasePage{}, grantExpired(id)
	}
	page := ports.LeasePage{Expired: paged.isLost(), Tally: paged.tally}
	for _, held := range paged.leases.after(ports.Token(from)) {
		if last := len(page.Leases); last > 0 && last >= limit {
			page.Next = strconv.FormatInt(int64(page.Leases[last-1].Token), 10)
			break
		}
		page.Leases = append(page.Leases, held.terms())
	}
	return page, nil
}

// Release implements ports.LeaseStore.
func (l *Leases) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.lock()
	defer l.mu.Unlock()
	results := make([]ports.ReleaseResult, len(requests))
	for i, request := range requests {
		results[i] = l.release(request)
	}
	return results, nil
}

func (l *Leases) release(request ports.ReleaseRequest) (result ports.ReleaseResult) {
	released := l.names[request.Lease.Ref.Name]
	if released != nil && released.token == request.Lease.Token && released.grant.id == request.Lease.Grant {
		l.remove(released)
		result.Changed = true
		result.Tally = released.grant.tally
	}
	left := l.grants[request.Lease.Grant]
	if left == nil {
		return result
	}
	result.Tally = left.tally
	if request.EndGrant && left.tally.Count == 0 {
		l.forget(left)
	}
	return result
}

// Inspect implements ports.LeaseStore.
func (l *Leases) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := l.lock()
	defer l.mu.Unlock()
	results := make([]ports.InspectResult, len(names))
	for i, name := range names {
		if held := l.names[name]; held != nil && held.isLive() {
			results[i] = ports.InspectResult{Held: true, Holder: held.holder(now)}
		}
	}
	return results, nil
}

// lock begins every method. What has expired by now is over from here on, even
// if the clock goes back.
func (l *Leases) lock() (now time.Time) {
	l.mu.Lock()
	now = l.now()
	for {
		over, due := l.deadlines.popDue(now)
		if !due {
			return now
		}
		over.deadline, over.lostAt = nil, over.deadline.at
		if over.tally.Count == 0 {
			l.forget(over)
			continue
		}
		l.lostCount++
		over.lostAs = l.lostCount
		l.lost.add(over.lostAs, over)
	}
}

// Flush forgets everything at once, as an operator's FLUSHALL does: the
// leases, the grants, the last token.
func (l *Leases) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.empty()
}

func (l *Leases) empty() {
	l.names = map[string]*lease{}
	l.grants = map[ports.GrantID]*grant{}
	l.deadlines = schedule[*grant]{}
	l.lost = newJournal[int64, *grant](cmp.Compare[int64])
	l.counter = 0
}
