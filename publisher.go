package streamlease

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

const (
	// announceBatch is how many assignments go in one call: larger batches
	// hold up the store for everybody.
	announceBatch = 500
	// announceTimeout bounds each of these calls.
	announceTimeout = 5 * time.Second
)

// Publisher announces data streams, for producers. Its methods may be called
// concurrently.
type Publisher struct {
	announcer ports.Announcer

	mu       sync.Mutex
	closed   bool
	underWay sync.WaitGroup
	closing  func() error
}

// NewPublisher makes a publisher of an announcer, which the adapters' stream
// sources are. There is no need to make one for each call.
func NewPublisher(announcer ports.Announcer) *Publisher {
	return &Publisher{
		announcer: announcer,
		closing: sync.OnceValue(func() error {
			if closer, closes := announcer.(io.Closer); closes {
				return closer.Close()
			}
			return nil
		}),
	}
}

// Announce puts assignments on the load-balancer stream, in order; of each ref
// the name alone is looked at. It returns their refs, in the same order; the
// ref of a stream that was not announced is empty.
//
// Every assignment is looked at before the first is sent: one that breaks the
// rules is ErrInvalid, and nothing was announced. Else the error joins what
// went wrong, with the name of each stream, or says how many were not sent
// because a call before theirs failed. With ErrUnknownOutcome a stream may have
// been announced, or be announced still: announcing it again may give it a
// second assignment, which waits until the first has ended. After Close the
// error is ErrClosed.
//
// It returns at once when ctx ends. Each call to the store, of up to 500
// assignments, has 5 s, or less if ctx ends before; what it came to then is
// unknown.
func (p *Publisher) Announce(ctx context.Context, assignments ...Assignment) ([]StreamRef, error) {
	if err := validAssignments(assignments); err != nil {
		return nil, err
	}
	if err := p.begin(); err != nil {
		return nil, err
	}
	defer p.underWay.Done()
	// A call that was given up may still read its batch when the caller uses
	// the slice again.
	assignments = slices.Clone(assignments)
	refs := make([]StreamRef, len(assignments))
	var failures []error
	for from := 0; from < len(assignments); from += announceBatch {
		to := min(from+announceBatch, len(assignments))
		results, err := p.announce(ctx, assignments[from:to])
		if err != nil {
			err = fmt.Errorf("announce %d streams (%d after them were not sent): %w", to-from, len(assignments)-to, err)
			failures = append(failures, err)
			break
		}
		failures = append(failures, gather(refs[from:to], assignments[from:to], results))
	}
	return refs, errors.Join(failures...)
}

// Close waits for the calls that are under way, which end in a few seconds, and
// closes the announcer if it can be closed.
func (p *Publisher) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.underWay.Wait()
	return p.closing()
}

func (p *Publisher) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.announcer == nil:
		return fmt.Errorf("%w publisher: it has no announcer", ErrInvalid)
	case p.closed:
		return ErrClosed
	}
	p.underWay.Add(1)
	return nil
}

func validAssignments(assignments []Assignment) error {
	var mistakes []error
	for i, assignment := range assignments {
		if err := core.ValidateName(assignment.Ref.Name); err != nil {
			mistakes = append(mistakes, fmt.Errorf("assignment %d: %w", i, err))
			continue
		}
		if err := core.ValidateInfo(assignment.Info); err != nil {
			mistakes = append(mistakes, fmt.Errorf("assignment %d, %.*q: %w", i, longestShown, assignment.Ref.Name, err))
		}
	}
	return errors.Join(mistakes...)
}

// announce sends one batch and returns at once when ctx ends; the call itself
// then ends by its own time.
func (p *Publisher) announce(ctx context.Context, batch []Assignment) ([]core.AnnounceResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	type announced struct {
		results []core.AnnounceResult
		err     error
	}
	answers := make(chan announced, 1)
	p.underWay.Go(func() {
		defer cancel()
		results, err := p.announcer.Announce(ctx, batch)
		answers <- announced{results, err}
	})
	select {
	case got := <-answers:
		return got.results, answered(batch, got.results, got.err)
	case <-ctx.Done():
	}
	select {
	case got := <-answers: // it goes before the end of ctx, which it brings about
		return got.results, answered(batch, got.results, got.err)
	default:
		return nil, fmt.Errorf("%w: %w", ErrUnknownOutcome, ctx.Err())
	}
}

func answered(batch []Assignment, results []core.AnnounceResult, err error) error {
	switch {
	case err != nil:
		return announceError(err)
	case len(results) != len(batch):
		return fmt.Errorf("%w: the port gave %d results", ErrUnknownOutcome, len(results))
	}
	return nil
}

// gather fills in the refs and joins the errors of the streams.
func gather(refs []StreamRef, batch []Assignment, results []core.AnnounceResult) error {
	var failures []error
	for i, result := range results {
		if result.Err != nil {
			failures = append(failures, fmt.Errorf("announce %.*q: %w", longestShown, batch[i].Ref.Name, announceError(result.Err)))
			continue
		}
		refs[i] = result.Ref
	}
	return errors.Join(failures...)
}

// announceError tells a definite no from an outcome that nobody knows.
func announceError(err error) error {
	if errors.Is(err, core.ErrRefused) || errors.Is(err, core.ErrInvalid) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
}
