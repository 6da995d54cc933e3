package streamlease

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/telemetry"
)

// pending is a call of the application that waits on the loop. Its fields,
// answer apart, belong to the loop's goroutine.
type pending struct {
	id     core.RequestID
	answer chan answer // of one: the loop never waits for whoever asked

	settled  *Stream      // the tenure that is to be settled, as what
	outcome  core.Outcome //
	answered bool
}

type answer struct {
	stream *Stream // that was claimed, or is settled
	err    error
}

// describe ends the span of the call with its answer.
func (a answer) describe(request telemetry.Request) {
	if a.stream != nil {
		request.About(a.stream.ref, a.stream.token)
	}
	request.End(a.err)
}

// call asks and waits.
func (l *loop) call(ctx context.Context, begin func(*pending)) answer {
	p, err := l.ask(ctx, begin)
	if err != nil {
		return answer{err: err}
	}
	return l.await(ctx, p)
}

// ask has the loop's goroutine begin a request.
func (l *loop) ask(ctx context.Context, begin func(*pending)) (*pending, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := &pending{answer: make(chan answer, 1)}
	if err := l.post(ctx, func() { begin(p) }); err != nil {
		return nil, err
	}
	return p, nil
}

// await waits for the answer, for the end of ctx, or for the end of the loop.
// An answer that is there goes before both: also one that comes in the same step
// in which ctx ends. A settlement ends the stream's own context, which may well
// be the ctx of the call.
func (l *loop) await(ctx context.Context, p *pending) answer {
	select {
	case got := <-p.answer:
		return got
	case <-ctx.Done():
	case <-l.ended:
	}
	l.giveUpOn(p)
	select {
	case got := <-p.answer:
		return got
	default:
	}
	if l.hasEnded() {
		return answer{err: l.errClosed()}
	}
	return answer{err: fmt.Errorf("%w: %w", ErrUnknownOutcome, ctx.Err())}
}

// giveUpOn lets go of a request, unless it has been answered when the loop comes
// round.
func (l *loop) giveUpOn(p *pending) {
	gone := make(chan struct{})
	abandon := func() {
		l.abandon(p)
		close(gone)
	}
	if l.post(context.Background(), abandon) != nil {
		return // there is nobody left who had to know
	}
	select {
	case <-gone:
	case <-l.ended:
	}
}

// post hands a task to the loop's goroutine. It waits only while that has not
// come round to earlier ones.
func (l *loop) post(ctx context.Context, task func()) error {
	if l.hasEnded() {
		return l.errClosed()
	}
	select {
	case l.tasks <- task:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ended:
		return l.errClosed()
	}
}

// handlerReturned tells the machine that a handler of that name has returned.
func (l *loop) handlerReturned(name string) {
	// The error does not matter: when the loop has ended there is nothing to know.
	_ = l.post(context.Background(), func() { l.batch = append(l.batch, core.HandlerReturned{Name: name}) })
}

// owned asks for the list of streams; empty when the loop has ended.
func (l *loop) owned() []*Stream {
	list := make(chan []*Stream, 1)
	if l.post(context.Background(), func() { list <- l.tenures.owned() }) != nil {
		return nil
	}
	select {
	case owned := <-list:
		return owned
	case <-l.ended:
		return nil
	}
}

// What follows runs on the loop's goroutine.

func (l *loop) claim(p *pending, ref StreamRef) {
	if l.closing || l.terminated {
		l.answer(p, answer{err: ErrClosed})
		return
	}
	l.number(p)
	l.batch = append(l.batch, core.ClaimRequested{Request: p.id, Ref: ref})
}

func (l *loop) settle(p *pending, stream *Stream, outcome core.Outcome, reason string) {
	if over, err := stream.afterEnd(outcome); over {
		l.answer(p, answer{stream: stream, err: err})
		return
	}
	l.number(p)
	p.settled, p.outcome = stream, outcome
	l.batch = append(l.batch, core.SettleRequested{
		Request: p.id,
		Ref:     stream.ref,
		Token:   stream.token,
		Outcome: outcome,
		Reason:  reason,
	})
}

func (l *loop) settleByName(p *pending, name string) {
	stream := l.tenures.lastTold(name)
	if stream == nil && l.terminated {
		l.answer(p, answer{err: ErrClosed})
		return
	}
	if stream == nil {
		l.answer(p, answer{err: fmt.Errorf("%w: %.*q", ErrNotOwned, longestShown, name)})
		return
	}
	l.settle(p, stream, core.Done, "")
}

// abandon lets go of a request for which nobody waits any more.
func (l *loop) abandon(p *pending) {
	if p.answered {
		return
	}
	delete(l.requests, p.id)
	l.batch = append(l.batch, core.RequestAbandoned{Request: p.id})
}

// reply passes on what the core answered.
func (l *loop) reply(reply core.Reply) {
	p := l.requests[reply.Request]
	if p == nil {
		return
	}
	delete(l.requests, reply.Request)
	if p.settled != nil {
		l.answer(p, answer{stream: p.settled, err: l.settleError(p, reply.Err)})
		return
	}
	if reply.Err != nil {
		l.answer(p, answer{err: reply.Err})
		return
	}
	l.answerClaim(p, reply)
}

func (l *loop) answerClaim(p *pending, reply core.Reply) {
	stream := l.tenures.live(reply.Ref.Name, reply.Token)
	if stream == nil {
		l.answer(p, answer{err: about(ErrDisowned, reply.Ref)})
		return
	}
	l.tenures.tell(stream)
	l.answer(p, answer{stream: stream})
}

// settleError prefers what the tenure itself knows of its end: the core, which
// has forgotten it by then, can only say that it is not there.
func (l *loop) settleError(p *pending, err error) error {
	if err == nil || !errors.Is(err, ErrNotOwned) && !errors.Is(err, ErrDisowned) {
		return err
	}
	if over, ending := p.settled.afterEnd(p.outcome); over {
		return ending
	}
	return err
}

func (l *loop) number(p *pending) {
	l.lastRequest++
	p.id = l.lastRequest
	l.requests[p.id] = p
}

func (l *loop) answer(p *pending, got answer) {
	p.answered = true
	p.answer <- got
}
