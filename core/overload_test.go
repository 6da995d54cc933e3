package core_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// TestAMemberWithMoreThanItCanRenewKeepsWhatItCan gives one member, whose leases
// are renewed one by one, twice as many streams as its store can renew in time.
// All its calls wait for that store, those for new leases too. It must go on
// holding most of what can be held, not lose all by turns.
func TestAMemberWithMoreThanItCanRenewKeepsWhatItCan(t *testing.T) {
	const streams = 2_000
	b := newBusy(t, 3*time.Millisecond, 550*time.Microsecond)
	b.announce(streams)
	b.live(20 * time.Second)
	// Three renewals in a TTL of each; a batch of 500 takes 278 ms.
	const sustainable = 1_200
	var held []int
	for range 20 {
		b.live(time.Second)
		held = append(held, b.machine.Status().Owned)
	}
	t.Logf("held, second by second: %v; %d ended; calls: %v", held, b.ended, b.calls)
	require.GreaterOrEqual(t, slices.Min(held), sustainable/3)
	require.GreaterOrEqual(t, held[len(held)-1], sustainable*3/4)
	require.Less(t, b.ended, streams, "streams lost in 40 s")

	b.each /= 4
	b.live(40 * time.Second)
	require.Equal(t, streams, b.machine.Status().Owned, "owned when the store is fast enough")
}

// busy is one member on a store that does one call after another, each of which
// takes a while.
type busy struct {
	t           *testing.T
	machine     *core.Machine
	service     *memory.Service
	ports       driver.Translator
	now, wakeAt time.Duration
	call, each  time.Duration // what a call takes, and each of its items
	free        time.Duration // when the store is done with all that it was asked
	due         []dueAnswer
	ended       int
	calls       map[string]int
}

type dueAnswer struct {
	at      time.Duration
	sent    time.Duration
	command core.Command
	lost    bool // the call's time is over by then
}

func newBusy(t *testing.T, call, each time.Duration) *busy {
	b := &busy{t: t, wakeAt: never, call: call, each: each, calls: map[string]int{}}
	member := core.Member{ID: "m1", Incarnation: "i1"}
	service, err := memory.New(memory.Config{Shape: core.GrantPerLease, Now: func() time.Time { return epoch.Add(b.now) }})
	require.NoError(t, err)
	b.service, b.ports = service, driver.Translator{Ports: service.Ports(), Member: member}
	b.machine, err = core.New(core.Config{Member: member, Shape: core.GrantPerLease, TTL: ttl, SweepInterval: sweepInterval,
		MaxFailures: -1, MaxCrashes: -1})
	require.NoError(t, err)
	b.step(core.Start{})
	return b
}

func (b *busy) announce(count int) {
	for i := range count {
		ref := core.StreamRef{Name: fmt.Sprintf("order-%d", i)}
		results, err := b.service.Source.Announce(context.Background(), []core.Assignment{{Ref: ref}})
		require.NoError(b.t, errors.Join(err, results[0].Err))
	}
}

// live lets time pass.
func (b *busy) live(d time.Duration) {
	until := b.now + d
	for {
		next := b.wakeAt
		if len(b.due) > 0 {
			next = min(next, b.due[0].at)
		}
		if next > until {
			b.now = until
			return
		}
		b.now = max(b.now, next)
		if b.wakeAt <= b.now {
			b.wakeAt = never
			b.step(core.Wake{})
			continue
		}
		answer := b.due[0]
		b.due = b.due[1:]
		b.step(b.answer(answer))
	}
}

func (b *busy) answer(of dueAnswer) core.Event {
	answer := b.ports.Call(context.Background(), of.sent, of.command)
	if of.lost {
		return driver.Unanswered(of.command, of.sent, errors.New("timed out"))
	}
	return answer
}

func (b *busy) step(events ...core.Event) {
	for _, command := range b.machine.Step(b.now, events...) {
		switch c := command.(type) {
		case core.WakeAt:
			b.wakeAt = c.At
		case core.TenureEnded:
			b.ended++
		case core.Broken:
			b.t.Fatal(c.What)
		case core.PortCall:
			b.ask(c)
		}
	}
	if _, waits := b.machine.Notification(); waits {
		b.step(core.NotificationReceived{})
	}
}

// ask puts a call at the end of what the store has to do. Renewals have a
// connection of their own, but no store of their own.
func (b *busy) ask(command core.PortCall) {
	b.calls[strings.TrimPrefix(fmt.Sprintf("%T", command), "core.Send")]++
	if fetch, waits := command.(core.SendFetch); waits {
		fetch.Wait = 0
		command = fetch
	}
	work := b.call + time.Duration(items(command))*b.each
	if renew, ok := command.(core.SendRenew); ok {
		work = b.call + time.Duration(len(renew.Grants))*b.each
	}
	b.free = max(b.free, b.now) + work
	answer := dueAnswer{at: b.free, sent: b.now, command: command}
	if timeout := command.Head().Timeout; answer.at-b.now > timeout {
		answer.at, answer.lost = b.now+timeout, true
	}
	b.due = append(b.due, answer)
	slices.SortStableFunc(b.due, func(x, y dueAnswer) int { return cmp.Compare(x.at, y.at) })
}
