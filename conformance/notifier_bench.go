package conformance

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// notifierBench is an expiry notifier under examination.
type notifierBench struct {
	*probe
	*pace
	limits   NotifierLimits
	harness  ExpiryNotifierHarness
	instance ExpiryNotifierInstance
	ends     []func() error
	// within is how long the check waits for what must come: HintWithin, and
	// less once it has waited in vain.
	within time.Duration
}

// onNotifierBench makes a check of an expiry notifier a check.
func onNotifierBench(harness ExpiryNotifierHarness, examine func(*notifierBench)) func(*probe) {
	return func(p *probe) {
		b := newNotifierBench(p, harness)
		defer b.close()
		examine(b)
	}
}

func newNotifierBench(p *probe, harness ExpiryNotifierHarness) *notifierBench {
	b := &notifierBench{probe: p, harness: harness, limits: harness.Limits().withDefaults()}
	instance, err := harness.Open()
	p.must(err, "open a service")
	b.instance = instance
	b.pace = newPace(instance)
	b.within = b.limits.HintWithin
	b.ends = append(b.ends, instance.Close)
	return b
}

// close ends what is watching, then the handles, then the service.
func (b *notifierBench) close() {
	for i := len(b.ends) - 1; i >= 0; i-- {
		if err := b.ends[i](); err != nil {
			b.violated("the harness could not close the service: %v", err)
		}
	}
}

// notifierHandle is one handle, with a name for the journal.
type notifierHandle struct {
	bench *notifierBench
	port  ports.ExpiryNotifier
	name  string
}

func (b *notifierBench) another() *notifierHandle {
	notifier, err := b.instance.Handle()
	b.must(err, "make a handle")
	return b.adopt(notifier)
}

// adopt makes the bench see to a handle's end.
func (b *notifierBench) adopt(notifier ports.ExpiryNotifier) *notifierHandle {
	if closer, closes := notifier.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	return &notifierHandle{bench: b, port: notifier, name: fmt.Sprintf("handle %d", len(b.ends))}
}

func (h *notifierHandle) publish(hints ...ports.Hint) (err error) {
	h.bench.call(h.bench.pace, h.name+": Publish("+listed(hints, hintText)+")", func(ctx context.Context) string {
		err = h.port.Publish(ctx, hints)
		return orError(err, func() string { return "sent" })
	})
	return err
}

// published publishes what must go well.
func (h *notifierHandle) published(hints ...ports.Hint) {
	if err := h.publish(hints...); err != nil {
		h.bench.stop("Publish failed: %v", err)
	}
}

func hintText(hint ports.Hint) string {
	text := hint.String()
	return fmt.Sprintf("%.60q", text)
}

// watching is one Watch under way.
type watching struct {
	bench  *notifierBench
	name   string
	cancel context.CancelFunc
	// returned is closed when Watch has, with err.
	returned chan struct{}
	err      error

	mu    sync.Mutex
	heard []ports.Hint
	calls int
	busy  bool
	// together: deliver was called while it had not returned.
	together bool
	// held is closed when deliver may go on; nil: it need not wait.
	held chan struct{}
}

// watch starts a Watch, and ends it with the check if nobody does before.
func (h *notifierHandle) watch() *watching {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watching{bench: h.bench, name: h.name, cancel: cancel, returned: make(chan struct{})}
	line := h.bench.journal.begin(h.bench.now(), h.name+": Watch")
	go func() {
		defer close(w.returned)
		if end := endOf(func() { w.err = h.port.Watch(ctx, w.deliver) }); end != nil {
			w.err = fmt.Errorf("panic: %v", end)
		}
		h.bench.journal.end(line, fmt.Sprint(w.err))
	}()
	h.bench.ends = append(h.bench.ends, w.endQuietly)
	return w
}

// watchFromNow is a Watch that is connected: its first gap is there.
func (h *notifierHandle) watchFromNow() *watching {
	w := h.watch()
	if !w.hears(isGap) {
		h.bench.stop("Watch of %s tells of no gap after it has connected, within %v", h.name, h.bench.limits.HintWithin)
	}
	return w
}

func (w *watching) deliver(hints []ports.Hint) {
	w.mu.Lock()
	w.calls++
	w.together = w.together || w.busy
	w.busy = true
	w.heard = append(w.heard, hints...)
	held := w.held
	w.mu.Unlock()
	w.bench.journal.note(w.bench.now(), w.name+" hears "+listed(hints, hintText))
	if held != nil {
		<-held
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = false
}

// hold has deliver wait from now on, until the returned function is called.
func (w *watching) hold() (release func()) {
	held := make(chan struct{})
	w.mu.Lock()
	w.held = held
	w.mu.Unlock()
	return sync.OnceFunc(func() {
		w.mu.Lock()
		w.held = nil
		w.mu.Unlock()
		close(held)
	})
}

func (w *watching) count(is func(ports.Hint) bool) (times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, hint := range w.heard {
		if is(hint) {
			times++
		}
	}
	return times
}

func isGap(hint ports.Hint) bool { return hint.Kind == ports.HintGap }

func same(wanted ports.Hint) func(ports.Hint) bool {
	return func(hint ports.Hint) bool { return hint.WithoutAge() == wanted }
}

// hears waits until such a hint was heard.
func (w *watching) hears(is func(ports.Hint) bool) bool { return w.hearsTimes(is, 1) }

func (w *watching) hearsTimes(is func(ports.Hint) bool, times int) bool {
	return w.bench.await(func() bool { return w.count(is) >= times })
}

// await waits in real time for a condition, for as long as a hint may take.
func (b *notifierBench) await(condition func() bool) bool {
	for end := time.Now().Add(b.within); !condition(); {
		if time.Now().After(end) {
			b.within = b.limits.HintWithin / 20
			return false
		}
		<-time.After(time.Millisecond)
	}
	return true
}

// expectHeard wants a hint to be heard.
func (w *watching) expectHeard(hint ports.Hint, why string) {
	if !w.hears(same(hint)) {
		w.bench.violated("the Watch of %s has not heard %s within %v, but %s", w.name, hintText(hint), w.bench.limits.HintWithin, why)
	}
}

// hasReturned reports whether Watch is over.
func (w *watching) hasReturned() bool {
	select {
	case <-w.returned:
		return true
	default:
		return false
	}
}

// end cancels Watch and waits for it.
func (w *watching) end() (took time.Duration) {
	w.cancel()
	began := time.Now()
	select {
	case <-w.returned:
	case <-time.After(overstay):
		w.bench.hangs("the Watch of %s has not returned %v after its ctx was cancelled", w.name, overstay)
	}
	return time.Since(began)
}

func (w *watching) endQuietly() error {
	w.cancel()
	select {
	case <-w.returned:
	case <-time.After(overstay):
	}
	return nil
}
