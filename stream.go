package streamlease

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/streamlease/streamlease/core"
)

// Stream is one tenure: one span of ownership of one data stream by this
// member. When the stream is lost and owned again, that is another Stream with
// a higher Token; whatever a late worker of the old one calls has no effect on
// the new one.
//
// All methods may be called concurrently, also when the tenure or the client
// has ended.
type Stream struct {
	loop     *loop
	ref      StreamRef
	info     *Info // nil: nothing was said
	token    Token
	failures int32
	crashes  int32

	told bool // the application has it; only the loop's goroutine touches this

	progress atomic.Uint32 // how often there was some

	mu   sync.Mutex
	rest *rest
}

// rest is what most streams never need while they are owned; a nil one is that
// of a stream that lives, and for whose context and position nobody has asked.
type rest struct {
	ended        error // why the tenure ended; nil: it lives
	contextEnded error // why the context ended, perhaps before the tenure
	context      context.Context
	cancel       context.CancelCauseFunc
	position     *checkpoint
}

// needed makes the rest; the lock is held.
func (s *Stream) needed() *rest {
	if s.rest == nil {
		s.rest = &rest{}
	}
	return s.rest
}

// Ref names the assignment.
func (s *Stream) Ref() StreamRef { return s.ref }

// Info is what the producer said about the stream: a JSON object as it came,
// or nil. Info().Decode reads it. It must not be changed.
func (s *Stream) Info() Info {
	if s.info == nil {
		return nil
	}
	return *s.info
}

// Token is the fencing token of the tenure. Send it along with every effect: a
// resource that remembers the highest token can refuse a process that was
// frozen and does not know yet that it lost the stream.
func (s *Stream) Token() Token { return s.token }

// Failures is how often the stream has failed, as of the beginning of the
// tenure.
func (s *Stream) Failures() int { return int(s.failures) }

// Crashes is how many owners of the stream have crashed, as of the beginning
// of the tenure.
func (s *Stream) Crashes() int { return int(s.crashes) }

// Context ends at the moment at which ownership ends. context.Cause then wraps
// ErrDisowned when the stream was lost, ErrDone when it was finished,
// ErrNotOwned when it was given back, ErrStuck when its handler was taken to be
// stuck, ErrClosed when the client closes (the tenure may go on for Config.Grace). It is made when it is first asked for.
func (s *Stream) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.needed()
	if r.context == nil {
		r.context, r.cancel = context.WithCancelCause(context.Background())
		if r.contextEnded != nil {
			r.cancel(about(r.contextEnded, s.ref))
		}
	}
	return r.context
}

// Progress tells the watchdog (Config.StuckAfter) that the work on the stream gets
// on. It costs next to nothing and may be called for every message. A checkpoint
// that is saved says the same.
func (s *Stream) Progress() { s.progressed() }

func (s *Stream) progressed() { s.progress.Add(1) }

// Done says that the stream is finished: its assignment is removed for good. A
// second Done is nil. After HandOff or Fail it is ErrNotOwned, after a loss
// ErrDisowned, and nothing happens.
//
// The error of a ctx that ended is ctx.Err(); it also wraps ErrUnknownOutcome
// when the store may have acted. The client goes on trying then: calling Done
// again tells what became of it.
func (s *Stream) Done(ctx context.Context) error { return s.settle(ctx, core.Done, "") }

// Fail gives the stream back because it could not be processed. The failure is
// counted and the stream tried again after a backoff, by any member; after
// Config.MaxFailures it goes to the quarantine, where the text of err is among
// the evidence. It needs a reason: a nil err is ErrInvalid. Errors are those of
// Done.
func (s *Stream) Fail(ctx context.Context, err error) error {
	if err == nil {
		return fmt.Errorf("%w: Fail needs an error that says why; HandOff gives a stream back without", ErrInvalid)
	}
	return s.settle(ctx, core.Failed, reason(err))
}

// HandOff gives the stream to the others on purpose. It is not counted. It
// comes back to this member only if nobody else takes it. Errors are those of
// Done.
func (s *Stream) HandOff(ctx context.Context) error { return s.settle(ctx, core.HandedOff, "") }

func (s *Stream) settle(ctx context.Context, outcome core.Outcome, reason string) error {
	if over, err := s.afterEnd(outcome); over {
		return err
	}
	ctx, request := s.loop.telemetry.BeginRequest(ctx, methodOf(outcome), s.ref.Name)
	got := s.loop.call(ctx, func(p *pending) { s.loop.settle(p, s, outcome, reason) })
	request.About(s.ref, s.token)
	request.End(got.err)
	return got.err
}

// methodOf is what the application calls to settle a stream so.
func methodOf(outcome core.Outcome) string {
	switch outcome {
	case core.Failed:
		return "Fail"
	case core.HandedOff:
		return "HandOff"
	default:
		return "Done"
	}
}

// afterEnd answers a settlement of a tenure that has ended. It reports false
// when it has not.
func (s *Stream) afterEnd(outcome core.Outcome) (over bool, err error) {
	err = s.over()
	if outcome == core.Done && errors.Is(err, ErrDone) {
		return true, nil
	}
	return err != nil, err
}

// over is why the tenure has ended; nil: it has not.
func (s *Stream) over() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.rest == nil || s.rest.ended == nil:
		return nil
	case s.loop.hasEnded():
		return fmt.Errorf("%w: %w", about(s.rest.ended, s.ref), ErrClosed)
	default:
		return about(s.rest.ended, s.ref)
	}
}

// end ends the tenure; cause is one of the sentinels, or wraps one.
func (s *Stream) end(cause error) {
	s.mu.Lock()
	s.needed().ended = cause
	s.mu.Unlock()
	s.endContext(cause)
}

// endContext ends the context, perhaps before the tenure. It reports whether it
// had not ended before.
func (s *Stream) endContext(cause error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.needed()
	if r.contextEnded != nil {
		return false
	}
	r.contextEnded = cause
	if r.context != nil {
		r.cancel(about(cause, s.ref))
	}
	return true
}

// contextCause is why the context ended; nil: it has not.
func (s *Stream) contextCause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rest == nil {
		return nil
	}
	return s.rest.contextEnded
}

// reason is the text of an error, as the source keeps it.
func reason(err error) string {
	text := err.Error()
	if len(text) > core.MaxReasonBytes {
		text = text[:core.MaxReasonBytes]
	}
	return strings.ToValidUTF8(text, "")
}
