package streamlease

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Checkpoint is the position that was saved last, by this tenure or an earlier
// one of the same assignment; empty when none was. A new owner goes on from
// there. The store is asked once, and from then on no earlier tenure can save;
// later calls answer what this tenure has saved.
//
// It is ErrInvalid without Config.Ports.Checkpoints. Once the tenure has ended,
// and when the store knows that it has, the error is that of Done.
func (s *Stream) Checkpoint(ctx context.Context) (string, error) {
	if err := s.checkpointable(ctx); err != nil {
		return "", err
	}
	if position, known := s.checkpoint().last(); known {
		return position, nil
	}
	asked := s.loop.checkpoints.loads.ask(ports.LoadRequest{Ref: s.ref, Token: s.token})
	got, err := awaitReply(ctx, s.loop, asked)
	if err == nil {
		err = got.Err
	}
	if err != nil {
		return "", s.checkpointError("load", err)
	}
	return s.checkpoint().loaded(got.Position), nil
}

// SaveCheckpoint keeps how far the stream was processed: the position, any bytes
// of at most 64 KiB, from which the next tenure goes on (the ID of the last
// message, or the whole state of a small computation). It is progress too, as the
// watchdog sees it. Saves of many streams that come together go out as one batch.
// Of Saves that run at the same time the one that was called last counts.
//
// Save after the effect of what was processed: then a new owner repeats what came
// after the last checkpoint, and skips nothing.
//
// Errors are those of Checkpoint; ErrInvalid is a position that is too long, too.
// With ErrUnknownOutcome the position may have been saved, or be saved yet, and
// saving again is safe.
func (s *Stream) SaveCheckpoint(ctx context.Context, position string) error {
	if err := s.checkpointable(ctx); err != nil {
		return err
	}
	if err := ports.ValidatePosition(position); err != nil {
		return s.checkpointError("save", err)
	}
	number := s.checkpoint().next()
	got, err := awaitReply(ctx, s.loop, s.loop.checkpoints.saves.ask(ports.SaveRequest{
		Ref: s.ref, Token: s.token, Number: number, Position: position,
	}))
	if err == nil {
		err = got.Err
	}
	if err != nil {
		return s.checkpointError("save", err)
	}
	s.checkpoint().saved(number, position)
	s.progressed()
	return nil
}

func (s *Stream) checkpointable(ctx context.Context) error {
	if s.loop.checkpoints == nil {
		return fmt.Errorf("%w call: Config.Ports.Checkpoints is missing", ErrInvalid)
	}
	if err := s.over(); err != nil {
		return err
	}
	return ctx.Err()
}

// checkpointError tells what is known of the tenure's end, a definite no, and an
// outcome that nobody knows.
func (s *Stream) checkpointError(what string, err error) error {
	if over := s.over(); over != nil {
		return over
	}
	for _, known := range []error{ErrDisowned, ErrDone, ErrInvalid, ErrRefused, ErrUnknownOutcome} {
		if errors.Is(err, known) {
			return fmt.Errorf("%s the checkpoint of %.*q: %w", what, longestShown, s.ref.String(), err)
		}
	}
	return fmt.Errorf("%s the checkpoint of %.*q: %w: %w", what, longestShown, s.ref.String(), ErrUnknownOutcome, err)
}

// checkpoint is what a tenure knows of its own. Most streams need none.
func (s *Stream) checkpoint() *checkpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.needed()
	if r.position == nil {
		r.position = &checkpoint{}
	}
	return r.position
}

// checkpoints brings what the streams ask to the port, beside the loop.
type checkpoints struct {
	loads *collector[ports.LoadRequest, ports.LoadResult]
	saves *collector[ports.SaveRequest, ports.SaveResult]
}

// newCheckpoints returns nil when there is no such port.
func newCheckpoints(port ports.Checkpoints, timeout time.Duration) *checkpoints {
	if port == nil {
		return nil
	}
	return &checkpoints{loads: newCollector(timeout, port.Load), saves: newCollector(timeout, port.Save)}
}

// close ends what is under way. It reports whether nothing is left.
func (c *checkpoints) close(patience time.Duration) bool {
	if c == nil {
		return true
	}
	loads, saves := c.loads.close(patience), c.saves.close(patience)
	return loads && saves
}

// awaitReply waits for the reply, for the end of ctx, or for that of the loop. A
// reply that is there goes before both.
func awaitReply[A any](ctx context.Context, l *loop, reply <-chan replied[A]) (A, error) {
	select {
	case got := <-reply:
		return got.answer, got.err
	case <-ctx.Done():
	case <-l.ended:
	}
	var none A
	select {
	case got := <-reply:
		return got.answer, got.err
	default:
	}
	if l.hasEnded() {
		return none, fmt.Errorf("%w: %w", ErrUnknownOutcome, l.errClosed())
	}
	return none, fmt.Errorf("%w: %w", ErrUnknownOutcome, ctx.Err())
}
