package conformance

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

// toyNotifiers is a right notifier that can do everything: the memory adapter's,
// with connections that break. With a mistake it is a wrong one.
type toyNotifiers struct {
	shape   ports.GrantShape
	mistake func(*wrongNotifier)
	// within is how long a hint may take.
	within time.Duration
	// real: no clock is to be advanced.
	real bool
}

func (h toyNotifiers) Limits() NotifierLimits {
	return NotifierLimits{Limits: Limits{SmallestTTL: 50 * time.Millisecond}, HintWithin: h.within}
}

func (h toyNotifiers) Open() (ExpiryNotifierInstance, error) {
	clock := &toyClock{now: time.UnixMilli(1_800_000_000_000)}
	config := memory.Config{Now: clock.Now, Shape: h.shape, PollEvery: time.Millisecond, HintBuffer: 20_000}
	if h.real {
		config.Now = nil
	}
	service, err := memory.New(config)
	if err != nil {
		return nil, err
	}
	instance := &toyNotifier{harness: h, right: service, closed: make(chan struct{})}
	instance.connected, instance.cut = context.WithCancel(context.Background())
	if h.real {
		return instance, nil
	}
	return struct {
		*toyNotifier
		*toyClock
	}{instance, clock}, nil
}

// toyNotifier is one service.
type toyNotifier struct {
	harness toyNotifiers
	right   *memory.Service
	closed  chan struct{}

	mu sync.Mutex
	// connected ends when the connections are cut.
	connected context.Context
	cut       context.CancelFunc
	refusing  bool
	// telling is held by who delivers, by a mistake.
	telling sync.Mutex
}

func (s *toyNotifier) Handle() (ports.ExpiryNotifier, error) { return s.HandleWith(0) }

// HandleWith implements ExpiryNotifierFaults.
func (s *toyNotifier) HandleWith(mishap Mishap) (ports.ExpiryNotifier, error) {
	w := &wrongNotifier{toyNotifier: s, mishap: mishap}
	if s.harness.mistake != nil {
		s.harness.mistake(w)
	}
	return w, nil
}

func (s *toyNotifier) Leases() (ports.LeaseStore, error) { return s.right.Leases, nil }

func (s *toyNotifier) Close() error {
	close(s.closed)
	return s.Cut()
}

func (s *toyNotifier) Cut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut()
	s.connected, s.cut = context.WithCancel(context.Background())
	return nil
}

func (s *toyNotifier) Refuse() error { return s.refuse(true) }
func (s *toyNotifier) Accept() error { return s.refuse(false) }

func (s *toyNotifier) refuse(refuses bool) error {
	s.mu.Lock()
	s.refusing = refuses
	s.mu.Unlock()
	return s.Cut()
}

// connection lasts until it is cut or ctx ends.
func (s *toyNotifier) connection(ctx context.Context) (connection context.Context, refused error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusing {
		return nil, &ports.RefusedError{Server: "toy", Advice: "ask later"}
	}
	both, end := context.WithCancel(ctx)
	context.AfterFunc(s.connected, end)
	return both, nil
}

// wrongNotifier is a handle of a toyNotifier. Its functions, where a mistake has
// put one, are called in place of what is right.
type wrongNotifier struct {
	*toyNotifier
	watch   func(ctx context.Context, deliver func([]ports.Hint)) error
	publish func(ctx context.Context, hints []ports.Hint) error
	// refusal is the error of a server that refuses, if it is not the right
	// one; giveUp: Watch ends with its connection; careless: Publish does not
	// ask what became of a call.
	refusal          error
	giveUp, careless bool

	mishap Mishap
}

// Close ends the handle, not the service.
func (w *wrongNotifier) Close() error { return nil }

func (w *wrongNotifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	if w.watch != nil {
		return w.watch(ctx, deliver)
	}
	return w.rightWatch(ctx, deliver)
}

// rightWatch connects again for as long as ctx lasts. Each Watch of memory
// begins with a gap.
func (w *wrongNotifier) rightWatch(ctx context.Context, deliver func([]ports.Hint)) error {
	for ctx.Err() == nil {
		connection, err := w.connection(ctx)
		if err != nil && w.refusal != nil {
			return w.refusal
		}
		if err != nil {
			return err
		}
		if err := w.right.Notifier.Watch(connection, deliver); err != nil {
			return err
		}
		if w.giveUp && ctx.Err() == nil {
			return errors.New("connection reset by peer")
		}
	}
	return nil
}

func (w *wrongNotifier) Publish(ctx context.Context, hints []ports.Hint) error {
	met := w.mishap
	w.mishap = 0
	switch {
	case met != 0 && w.careless:
		return nil
	case met == CutBefore:
		return errors.New("connection reset by peer")
	case met == Silence:
		<-ctx.Done()
		return ctx.Err()
	case w.publish != nil:
		return w.publish(ctx, hints)
	}
	if _, err := w.connection(ctx); err != nil {
		return err
	}
	return w.right.Notifier.Publish(ctx, hints)
}
