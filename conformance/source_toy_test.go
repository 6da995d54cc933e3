package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

// toySources is a right source that can do everything, so that all of the suite
// can be seen to work: the memory adapter, and around it what a server would
// bring along. With a mistake it is a wrong one.
type toySources struct {
	mistake func(*wrongSource)
	// delay is how long each call takes before it is executed, in real time.
	delay time.Duration
	// real: no clock is to be advanced.
	real bool
}

func (toySources) Limits() Limits {
	return Limits{SmallestTTL: 50 * time.Millisecond, ClockStep: time.Nanosecond}
}

func (h toySources) Open() (StreamSourceInstance, error) {
	clock := &toyClock{now: time.UnixMilli(1_800_000_000_000)}
	config := memory.Config{Now: clock.Now}
	if h.real {
		config.Now = nil
	}
	source, err := memory.NewSource(config)
	if err != nil {
		return nil, err
	}
	instance := &toySource{harness: h, right: source, memo: &memo{seen: map[string]int{}, text: map[string]string{}}}
	if h.real {
		return instance, nil
	}
	return struct {
		*toySource
		*toyClock
	}{instance, clock}, nil
}

// toyClock stands still until it is advanced.
type toyClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *toyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *toyClock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// toySource is one source. A poison is an entry with a name that no check uses;
// lost groups and lists are what a wrong source does wrong then.
type toySource struct {
	harness toySources
	right   *memory.Source
	// memo is for mistakes that must remember something.
	memo *memo

	mu                              sync.Mutex
	refusing, exhausted             bool
	flushed, lostGroup, lostAnybody bool
	heldBack                        func()
}

const poisonName = "\u2620"

// janitor is what the adapter does its own chores as.
var janitor = ports.Member{ID: "janitor", Incarnation: "janitor"}

func (s *toySource) Handle() (ports.StreamSource, error) { return s.wrong(), nil }

func (s *toySource) wrong() *wrongSource {
	w := &wrongSource{toySource: s}
	if s.harness.mistake != nil {
		s.harness.mistake(w)
	}
	return w
}

func (s *toySource) Close() error { return nil }

func (s *toySource) Quarantine() ([]Quarantined, error) {
	var listed []Quarantined
	for _, one := range s.right.Quarantine() {
		found := Quarantined{Ref: one.Ref, Reason: one.Reason, Failures: one.Failures, Crashes: one.Crashes}
		for _, ending := range one.Endings {
			found.Endings = append(found.Endings, ending.Reason)
		}
		listed = append(listed, found)
	}
	return listed, nil
}

func (s *toySource) Trim(ref ports.StreamRef) error { s.right.Trim(ref); return nil }
func (s *toySource) Flush() error                   { s.right.Flush(); return s.set(&s.flushed, true) }
func (s *toySource) LoseGroup() error               { return s.set(&s.lostGroup, true) }
func (s *toySource) Refuse() error                  { return s.set(&s.refusing, true) }
func (s *toySource) Accept() error                  { return s.set(&s.refusing, false) }
func (s *toySource) Exhaust() error                 { return s.set(&s.exhausted, true) }
func (s *toySource) Relieve() error                 { return s.set(&s.exhausted, false) }

func (s *toySource) LoseDelivery(ports.StreamRef) error { return s.set(&s.lostAnybody, true) }

func (s *toySource) set(flag *bool, to bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*flag = to
	return nil
}

func (s *toySource) is(flag *bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *flag
}

func (s *toySource) Poisons() []Poison {
	return []Poison{{What: "a skull", Add: func() (string, error) {
		results, err := s.right.Announce(context.Background(), []ports.Assignment{{Ref: ports.StreamRef{Name: poisonName}}})
		return results[0].Ref.MessageID, err
	}}}
}

// HandleWith implements StreamSourceFaults.
func (s *toySource) HandleWith(mishap Mishap) (ports.StreamSource, error) {
	w := s.wrong()
	w.mishap = mishap
	return w, nil
}

// Deliver implements Deliverer.
func (s *toySource) Deliver() error {
	s.mu.Lock()
	late := s.heldBack
	s.heldBack = nil
	s.mu.Unlock()
	if late != nil {
		late()
	}
	return nil
}

// wrongSource is a handle of a toySource. Where a mistake has put a function,
// that is called instead of the right method.
type wrongSource struct {
	*toySource
	heartbeat  func(context.Context, ports.Beat) (ports.Fleet, error)
	fetch      func(context.Context, ports.Member, int, time.Duration) (ports.Fetched, error)
	deliveries func(context.Context, ports.Member, string, int) (ports.DeliveryPage, error)
	take       func(context.Context, ports.Member, []ports.TakeRequest) ([]ports.TakeResult, error)
	settle     func(context.Context, ports.Member, []ports.Settlement) ([]ports.SettleResult, error)
	sweep      func(context.Context, ports.Member, ports.SweepRequest) (ports.SweepPage, error)
	announce   func(context.Context, []ports.Assignment) ([]ports.AnnounceResult, error)
	// refusal and cut are the errors of a server that refuses and of a
	// connection that breaks, if they are not the right ones; repeats: the
	// client library does so after a lost reply; hasty: no answer is one.
	refusal, cut   error
	repeats, hasty bool

	mishap Mishap
}

// wire is the way of a call to the server and back.
func wire[R any](ctx context.Context, w *wrongSource, do func(context.Context) (R, error)) (result R, err error) {
	if w.harness.delay > 0 {
		<-time.After(w.harness.delay)
	}
	switch w.meets() {
	case CutBefore:
		return result, w.broken()
	case ReplyLost:
		_, _ = do(context.WithoutCancel(ctx))
		if w.repeats {
			return do(ctx)
		}
		var nothing R
		return nothing, w.broken()
	case ExecutedLate:
		w.mu.Lock()
		w.heldBack = func() { _, _ = do(context.Background()) }
		w.mu.Unlock()
		fallthrough
	case Silence:
		<-ctx.Done()
		if w.hasty {
			return result, nil
		}
		return result, ctx.Err()
	}
	return do(ctx)
}

// meets is the handle's mishap, once.
func (w *wrongSource) meets() Mishap {
	w.mu.Lock()
	defer w.mu.Unlock()
	met := w.mishap
	w.mishap = 0
	return met
}

func (w *wrongSource) broken() error {
	if w.cut != nil {
		return w.cut
	}
	return errors.New("connection reset by peer")
}

func (w *wrongSource) refused(takesMemory bool) error {
	if w.is(&w.refusing) || takesMemory && w.is(&w.exhausted) {
		if w.refusal != nil {
			return w.refusal
		}
		return &ports.RefusedError{Server: "toy", Advice: "ask later"}
	}
	return nil
}

func (w *wrongSource) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	return wire(ctx, w, func(ctx context.Context) (ports.Fleet, error) {
		if w.heartbeat != nil {
			return w.heartbeat(ctx, beat)
		}
		return w.right.Heartbeat(ctx, beat)
	})
}

func (w *wrongSource) Fetch(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
	return wire(ctx, w, func(ctx context.Context) (ports.Fetched, error) {
		if err := w.refused(true); err != nil {
			return ports.Fetched{}, err
		}
		if w.fetch != nil {
			return w.fetch(ctx, member, limit, wait)
		}
		return w.fetchGood(ctx, member, limit, wait)
	})
}

// fetchGood puts poison into the quarantine and asks again when there was
// nothing else.
func (w *wrongSource) fetchGood(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
	for {
		fetched, err := w.right.Fetch(ctx, member, limit, wait)
		good := fetched.Assignments[:0]
		for _, assignment := range fetched.Assignments {
			if assignment.Ref.Name == poisonName {
				w.bury(assignment.Ref)
			} else {
				good = append(good, assignment)
			}
		}
		met := len(fetched.Assignments) - len(good)
		fetched.Assignments = good
		if err != nil || len(good) > 0 || met == 0 {
			return fetched, err
		}
	}
}

func (w *wrongSource) bury(poison ports.StreamRef) {
	ctx := context.Background()
	_, _ = w.right.Take(ctx, janitor, []ports.TakeRequest{{Ref: poison, Token: 1}})
	_, _ = w.right.Settle(ctx, janitor, []ports.Settlement{{Ref: poison, Token: 1, Outcome: ports.Quarantined, Reason: "a skull is no assignment"}})
}

func (w *wrongSource) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	return wire(ctx, w, func(ctx context.Context) (ports.DeliveryPage, error) {
		if w.deliveries != nil {
			return w.deliveries(ctx, member, cursor, limit)
		}
		return w.right.Deliveries(ctx, member, cursor, limit)
	})
}

func (w *wrongSource) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	return wire(ctx, w, func(ctx context.Context) ([]ports.TakeResult, error) {
		if err := w.refused(true); err != nil {
			return nil, err
		}
		if w.take != nil {
			return w.take(ctx, member, requests)
		}
		return w.right.Take(ctx, member, requests)
	})
}

func (w *wrongSource) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	return wire(ctx, w, func(ctx context.Context) ([]ports.SettleResult, error) {
		if err := w.refused(false); err != nil {
			return nil, err
		}
		if w.settle != nil {
			return w.settle(ctx, member, settlements)
		}
		return w.right.Settle(ctx, member, settlements)
	})
}

func (w *wrongSource) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	return wire(ctx, w, func(ctx context.Context) (ports.SweepPage, error) {
		if w.sweep != nil {
			return w.sweep(ctx, member, request)
		}
		return w.right.Sweep(ctx, member, request)
	})
}

func (w *wrongSource) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	return wire(ctx, w, func(ctx context.Context) ([]ports.AnnounceResult, error) {
		if err := w.refused(true); err != nil {
			return nil, err
		}
		if w.announce != nil {
			return w.announce(ctx, assignments)
		}
		return w.right.Announce(ctx, assignments)
	})
}

// memo is what a mistake remembers, for all handles of one source.
type memo struct {
	mu   sync.Mutex
	seen map[string]int
	text map[string]string
	page ports.SweepPage
	last []ports.Assignment
}

// count returns how often the key was counted before.
func (m *memo) count(key ...any) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	joined := joinKey(key)
	m.seen[joined]++
	return m.seen[joined] - 1
}

func (m *memo) put(text string, key ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.text[joinKey(key)] = text
}

func (m *memo) get(key ...any) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text[joinKey(key)]
}

func joinKey(key []any) string {
	var text strings.Builder
	for _, part := range key {
		fmt.Fprintf(&text, "%v\x00", part)
	}
	return text.String()
}

// remembered is the highest token that ever took an assignment.
func (w *wrongSource) remembered(ref ports.StreamRef) ports.Token {
	results, _ := w.right.Take(context.Background(), janitor, []ports.TakeRequest{{Ref: ref}})
	return results[0].Remembered
}
