package streamlease

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
)

// stoppedLoop is a loop whose goroutine is the test: what follows happens in
// windows too narrow to be met from outside.
func stoppedLoop() (*loop, *Stream) {
	l := &loop{
		ended:    make(chan struct{}),
		tasks:    make(chan func()),
		requests: make(map[core.RequestID]*pending),
		tenures:  newTenures(),
	}
	stream := &Stream{loop: l, ref: StreamRef{Name: "s1", MessageID: "1-0"}, token: 7}
	l.tenures.begin(stream)
	return l, stream
}

func newPending() *pending { return &pending{answer: make(chan answer, 1)} }

func TestADoneThatCrossesTheEndOfItsTenureHearsOfTheEnd(t *testing.T) {
	for _, c := range []struct{ end, want error }{
		{ErrDone, nil},
		{ErrNotOwned, ErrNotOwned},
		{ErrDisowned, ErrDisowned},
	} {
		l, stream := stoppedLoop()
		p := newPending()
		l.settle(p, stream, core.Done, "")
		require.Len(t, l.batch, 1)
		l.tenures.end("s1", 7, c.end)
		l.reply(core.Reply{Request: p.id, Ref: stream.ref, Token: 7, Err: about(ErrDisowned, stream.ref)})
		require.ErrorIs(t, (<-p.answer).err, c.want)
	}
}

// The loop answers and ends a ctx in one step; whoever waits may see the end first.
func TestAnAnswerOfTheStepInWhichItsCtxEndedIsHeard(t *testing.T) {
	l, stream := stoppedLoop()
	p := newPending()
	l.settle(p, stream, core.HandedOff, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	heard := make(chan answer)
	go func() { heard <- l.await(ctx, p) }()
	giveUp := <-l.tasks // it has seen the end
	l.reply(core.Reply{Request: p.id, Ref: stream.ref, Token: 7})
	giveUp()
	require.NoError(t, (<-heard).err)
}

func TestAnAbandonedClaimThatWasAnsweredIsTheClaimers(t *testing.T) {
	l, stream := stoppedLoop()
	p := newPending()
	l.claim(p, stream.ref)
	l.reply(core.Reply{Request: p.id, Ref: stream.ref, Token: 7})
	l.batch = nil
	l.abandon(p)
	require.Empty(t, l.batch)
	require.Same(t, stream, (<-p.answer).stream)
}

func TestAClaimWhoseTenureEndedBeforeItsAnswerIsErrDisowned(t *testing.T) {
	l, stream := stoppedLoop()
	p := newPending()
	l.claim(p, stream.ref)
	l.tenures.end("s1", 7, ErrDisowned)
	l.reply(core.Reply{Request: p.id, Ref: stream.ref, Token: 7})
	require.ErrorIs(t, (<-p.answer).err, ErrDisowned)
}

func TestNobodyWaitsForAMachineThatHasStopped(t *testing.T) {
	l, stream := stoppedLoop()
	ctx := stream.Context()
	p := newPending()
	l.settle(p, stream, core.Done, "")
	l.terminate(nil)
	require.ErrorIs(t, (<-p.answer).err, ErrUnknownOutcome)
	require.Error(t, ctx.Err())
	require.Empty(t, l.tenures.owned())
}

func TestAnEndThatWasReceivedIsForgotten(t *testing.T) {
	l, stream := stoppedLoop()
	l.received(Notification{Kind: StreamAdded, Stream: stream})
	l.tenures.end("s1", 7, ErrDisowned)
	require.Same(t, stream, l.tenures.disowned(stream.ref, 7))
	l.received(Notification{Kind: StreamDisowned, Stream: stream})
	require.Empty(t, l.tenures.lost)
}
