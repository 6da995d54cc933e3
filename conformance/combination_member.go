package conformance

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease"
)

// combinationMember is a client and its application. The application writes an
// effect when a tenure begins, holds the stream until the check wants it
// finished, writes another effect, and says Done.
type combinationMember struct {
	*streamlease.Client
	bench *combinationBench
	gate  *gate
	work  sync.WaitGroup

	asleep  atomic.Pointer[chan struct{}] // the application does nothing before it is closed; nil: it is awake
	everHad atomic.Bool                   // it was frozen once
	dead    atomic.Bool
	closed  bool
}

// String is the member's ID.
func (m *combinationMember) String() string { return m.ID() }

func (m *combinationMember) isHeld() bool { return m.asleep.Load() != nil }

func (m *combinationMember) wasHeld() bool { return m.everHad.Load() }

// listen is the application's life.
func (m *combinationMember) listen(notifications <-chan streamlease.Notification) {
	for n := range notifications {
		m.wake()
		if m.dead.Load() {
			continue // nobody is there; what comes is let go so that the client can end
		}
		m.bench.note("%v hears %v of %v, token %d", m, n.Kind, n.Ref, n.Token)
		switch n.Kind {
		case streamlease.StreamAdded:
			tenure := m.bench.books.begin(m, n.Stream)
			m.work.Go(func() { m.own(tenure) })
		case streamlease.StreamDisowned:
			m.bench.books.lost(n.Stream)
		}
	}
}

// wake waits while the application sleeps.
func (m *combinationMember) wake() {
	if asleep := m.asleep.Load(); asleep != nil {
		<-*asleep
	}
}

// own is the work of one tenure.
func (m *combinationMember) own(tenure *heardTenure) {
	b, ended := m.bench, tenure.stream.Context()
	defer b.books.end(tenure)
	stop := context.AfterFunc(ended, func() { b.books.end(tenure) })
	defer stop()
	if !b.books.effect(tenure, false) {
		return
	}
	if reason := b.failure(tenure); reason != nil {
		b.books.end(tenure)
		m.repeat(ended, func(ctx context.Context) error { return tenure.stream.Fail(ctx, reason) })
		return
	}
	select {
	case <-b.finishing:
	case <-ended.Done():
		return
	}
	if m.wake(); !m.dead.Load() && b.books.effect(tenure, true) {
		b.books.end(tenure) // the application's part ends when it asks for the end
		err := m.repeat(ended, tenure.stream.Done)
		b.note("%v has called Done of %v, token %d: %v", m, tenure.stream.Ref(), tenure.stream.Token(), err)
		if err == nil {
			b.books.finish(tenure)
		}
	}
}

// repeat settles until the outcome is known.
func (m *combinationMember) repeat(ended context.Context, settle func(context.Context) error) error {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		err := settle(ctx)
		cancel()
		if err == nil || !errors.Is(err, streamlease.ErrUnknownOutcome) || ended.Err() != nil {
			return err
		}
	}
}

// die ends the member as SIGKILL does: nothing that it does arrives any more.
func (m *combinationMember) die() {
	m.gate.dead.Store(true)
	m.dead.Store(true)
	m.bench.books.endOf(m)
	m.bench.note("%v dies", m)
}

// cutOff lets no call of the member arrive; its application goes on.
func (m *combinationMember) cutOff() {
	m.gate.hold()
	m.bench.note("%v is cut off", m)
}

// freeze is a process that stands still: no call arrives, and the application
// does nothing.
func (m *combinationMember) freeze() {
	m.everHad.Store(true)
	asleep := make(chan struct{})
	m.asleep.Store(&asleep)
	m.gate.hold()
	m.bench.note("%v freezes", m)
}

// thaw lets a frozen member go on; what it had sent arrives first.
func (m *combinationMember) thaw() {
	m.bench.note("%v thaws", m)
	m.gate.open()
	close(*m.asleep.Swap(nil))
}

// close ends the client, which hands off what it owns.
func (m *combinationMember) close() {
	if m.closed {
		return
	}
	m.closed = true
	m.bench.note("%v closes", m)
	ctx, cancel := context.WithTimeout(context.Background(), m.bench.patience())
	defer cancel()
	if m.dead.Load() {
		at, now := context.WithTimeout(ctx, time.Nanosecond)
		defer now()
		_ = m.Close(at)
	}
	if err := m.Close(ctx); err != nil {
		m.bench.violated("Close of %v answers %v", m, err)
		rest, cancel := context.WithTimeout(context.Background(), m.bench.patience())
		defer cancel()
		if m.Close(rest) != nil {
			return // something of it goes on, and nobody can wait for it
		}
	}
	m.work.Wait()
	m.bench.books.endOf(m)
}
