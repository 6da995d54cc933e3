package core_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// TestWhatFailsAtOnceIsNotAskedAtOnce lets calls fail in each way that there
// is, and the failures take no time: a server that refuses connections, say.
// However much the member insists, it must pause between its tries; and when
// the ports are well again it must own everything.
func TestWhatFailsAtOnceIsNotAskedAtOnce(t *testing.T) {
	failures := map[string]error{"unknown": errors.New("connection refused"), "refused": &core.RefusedError{Command: "x"},
		"held": core.ErrHeld, "expired": core.ErrExpired, "disowned": core.ErrDisowned, "not yet": core.ErrNotYet, "done": core.ErrDone}
	ports := []string{"Heartbeat", "Fetch", "Deliveries", "Take", "Settle", "Sweep", "Acquire", "Renew", "Leases", "Release", "Inspect",
		"Acquire Renew", "Renew Settle", "Take Settle", "Fetch Deliveries", "every port"}
	for _, shape := range []core.GrantShape{core.GrantPerMember, core.GrantPerLease} {
		for _, failing := range ports {
			for name, err := range failures {
				t.Run(fmt.Sprintf("%v/%s/%s", shape, failing, name), func(t *testing.T) {
					w := newPaced(t, shape)
					w.announce(10)
					w.live(5 * time.Second)
					w.failing, w.err = failing, err
					w.announce(10)
					w.live(30 * time.Second)
					w.failing = ""
					w.live(time.Minute)
					for call, count := range w.failed {
						require.LessOrEqual(t, count, 30*25, "%s failed %d times in 30 s", call, count)
					}
					require.Equal(t, 20, w.machine.Status().Owned, "streams owned a minute after the ports were well again")
				})
			}
		}
	}
}

// paced is one member on the memory adapter, where no call takes any time.
type paced struct {
	t       *testing.T
	machine *core.Machine
	service *memory.Service
	ports   driver.Translator
	now     time.Duration
	wakeAt  time.Duration
	looked  time.Duration   // when it was last seen whether there is something to fetch
	fetch   *core.SendFetch // waits
	streams int

	failing string
	err     error
	failed  map[string]int // calls, by name
	atMost  int            // items of a call that is answered; 0: any number
	late    []late
}

func newPaced(t *testing.T, shape core.GrantShape) *paced {
	w := &paced{t: t, wakeAt: never, failed: map[string]int{}}
	member := core.Member{ID: "m1", Incarnation: "i1"}
	service, err := memory.New(memory.Config{Shape: shape, Now: func() time.Time { return epoch.Add(w.now) }})
	require.NoError(t, err)
	w.service, w.ports = service, driver.Translator{Ports: service.Ports(), Member: member}
	w.machine, err = core.New(core.Config{Member: member, Shape: shape, SweepInterval: 5 * time.Second,
		MaxFailures: -1, MaxCrashes: -1})
	require.NoError(t, err)
	w.step(core.Start{})
	return w
}

const never = time.Duration(1<<63 - 1)

func (w *paced) announce(count int) {
	for range count {
		w.streams++
		ref := core.StreamRef{Name: fmt.Sprintf("order-%d", w.streams)}
		results, err := w.service.Source.Announce(context.Background(), []core.Assignment{{Ref: ref}})
		require.NoError(w.t, errors.Join(err, results[0].Err))
	}
}

// live lets time pass: the machine is woken when it wants to be, and a Fetch
// that waits looks ten times a second.
func (w *paced) live(d time.Duration) {
	const look = 100 * time.Millisecond
	for until := w.now + d; ; {
		next := min(w.wakeAt, w.looked+look, w.nextLate())
		if next > until {
			w.now = until
			return
		}
		w.now = max(w.now, next)
		w.answerLate()
		if w.wakeAt <= w.now {
			w.wakeAt = never
			w.step(core.Wake{})
		}
		if w.now >= w.looked+look {
			w.looked = w.now
			w.lookForWork()
		}
	}
}

func (w *paced) lookForWork() {
	if w.fetch == nil {
		return
	}
	command := *w.fetch
	command.Wait = 0
	answered, ok := w.answer(command).(core.FetchAnswered)
	if !ok { // it will time out
		w.fetch = nil
		return
	}
	if answered.Err == nil && len(answered.Fetched.Assignments) == 0 {
		return
	}
	w.fetch = nil
	w.step(answered)
}

// step answers whatever the machine asks for, until it rests.
func (w *paced) step(events ...core.Event) {
	for exchanges := 0; len(events) > 0; exchanges++ {
		require.Less(w.t, exchanges, 100, "at %v the member does not come to rest: %v", w.now, w.failed)
		var answers []core.Event
		for _, command := range w.machine.Step(w.now, events...) {
			switch c := command.(type) {
			case core.WakeAt:
				w.wakeAt = c.At
			case core.SendFetch:
				w.fetch = &c
			case core.Broken:
				w.t.Fatal(c.What)
			case core.PortCall:
				if answer := w.answer(command); answer != nil {
					answers = append(answers, answer)
				}
			}
		}
		events = answers
	}
}

func (w *paced) answer(command core.Command) core.Event {
	name := strings.TrimPrefix(fmt.Sprintf("%T", command), "core.Send")
	if w.timesOut(name, command) {
		return nil
	}
	if w.failing == "every port" || strings.Contains(w.failing, name) {
		w.failed[name]++
		return driver.Unanswered(command, w.now, w.err)
	}
	return w.ports.Call(context.Background(), w.now, command)
}
