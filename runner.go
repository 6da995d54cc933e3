package streamlease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
)

// runner runs a handler for each stream that its loop comes to own.
type runner struct {
	loop    *loop
	handler Handler
	values  context.Context // of Run; only its values count
	crew    crew
}

func newRunner(ctx context.Context, loop *loop, handler Handler) *runner {
	return &runner{loop: loop, handler: handler, values: ctx, crew: newCrew()}
}

// serve starts handlers until the client has ended, and returns why it has.
func (r *runner) serve() (cause error) {
	var watching sync.WaitGroup
	stop := make(chan struct{})
	watching.Go(func() { r.watch(stop) })
	defer watching.Wait()
	defer close(stop)
	cause = ErrClosed // the last word is not heard when the end was forced
	for n := range r.loop.notifications {
		switch n.Kind {
		case StreamAdded:
			go r.work(r.crew.join(n.Stream))
		case StreamTerminated:
			cause = n.Err
		}
	}
	return cause
}

// errExited is the error of a handler that ended its goroutine.
var errExited = errors.New("the handler did not return: it called runtime.Goexit")

// work is the goroutine of one handler.
func (r *runner) work(j *job) {
	err := errExited
	defer func() { r.conclude(j, err) }()
	stopWatching := context.AfterFunc(j.stream.Context(), func() { r.expectReturn(j) })
	defer stopWatching()
	err = r.call(j.stream)
}

// call calls the handler; a panic is an error.
func (r *runner) call(s *Stream) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: debug.Stack()}
		}
	}()
	return r.handler(handlerContext{s.Context(), r.values}, s)
}

// conclude settles the stream as the handler says that it ended.
func (r *runner) conclude(j *job, result error) {
	defer r.crew.leave(j)
	s := j.stream
	overdue := r.crew.handlerReturned(j)
	if overdue {
		r.log(slog.LevelInfo, s, "a handler that went on for long has returned")
	}
	outcome := outcomeOf(s, result)
	r.loop.handlerReturned(s.ref.Name)
	var text string
	if outcome == core.Failed {
		text = reason(result)
	}
	r.logResult(s, outcome, result, r.settle(s, outcome, text))
}

func outcomeOf(s *Stream, result error) core.Outcome {
	var panicked *panicError
	switch {
	case result == nil:
		return core.Done
	case s.contextCause() != nil && !errors.As(result, &panicked):
		return core.HandedOff
	default:
		return core.Failed
	}
}

// settle repeats what was refused: there is nobody else who would.
func (r *runner) settle(s *Stream, outcome core.Outcome, reason string) error {
	for {
		err := s.settle(context.WithoutCancel(r.values), outcome, reason)
		if !errors.Is(err, ErrRefused) {
			return err
		}
		select {
		case <-time.After(r.loop.config.CallTimeout):
		case <-r.loop.ended:
			return err
		}
	}
}

func (r *runner) logResult(s *Stream, outcome core.Outcome, result, err error) {
	var panicked *panicError
	if errors.As(result, &panicked) {
		r.log(slog.LevelError, s, "a handler panicked", "error", result, "stack", string(panicked.stack))
	}
	switch {
	case errors.Is(err, ErrNotOwned), errors.Is(err, ErrDone): // it was settled before
	case err != nil && outcome != core.HandedOff:
		r.log(slog.LevelWarn, s, "what a handler returned came too late: the stream is processed again, from its last checkpoint",
			"result", result, "error", err)
	case err == nil && outcome == core.Failed:
		r.log(slog.LevelWarn, s, "a handler failed; its stream is tried again later", "error", result, "failures", s.Failures()+1)
	}
}

func (r *runner) log(level slog.Level, s *Stream, message string, attributes ...any) {
	attributes = append([]any{"stream", shown(s.ref), "token", int64(s.token)}, attributes...)
	r.loop.journal.write(func(log *slog.Logger) { log.Log(context.Background(), level, message, attributes...) })
}

// panicError is what a handler panicked with.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Unwrap lets errors.Is see an error that was the panic's value.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// handlerContext ends with the tenure, and has the values of Run's context.
type handlerContext struct {
	context.Context
	values context.Context
}

// Value asks the tenure's context first: package context finds the cause of its
// end in this way.
func (c handlerContext) Value(key any) any {
	if value := c.Context.Value(key); value != nil {
		return value
	}
	return c.values.Value(key)
}
