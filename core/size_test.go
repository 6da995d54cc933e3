package core_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// TestACallThatIsTooLargeForItsTimeIsMadeInSmallerParts lets every call that
// carries more than three items time out, and pages that are asked for with
// more: names and infos of 64 KiB on a slow network.
func TestACallThatIsTooLargeForItsTimeIsMadeInSmallerParts(t *testing.T) {
	for _, shape := range []core.GrantShape{core.GrantPerMember, core.GrantPerLease} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			w := newPaced(t, shape)
			w.atMost = 3
			w.announce(500)
			w.live(5 * time.Minute)
			require.Equal(t, 500, w.machine.Status().Owned, "timed out: %v", w.failed)
			for call, count := range w.failed {
				require.LessOrEqual(t, count, 400, "%s timed out in five minutes: %v", call, w.failed)
			}
		})
	}
}

// late is the answer of a call that has none in all its time.
type late struct {
	at    time.Duration
	event core.Event
}

// timesOut reports whether the call is too large, and then answers it late.
func (w *paced) timesOut(name string, command core.Command) bool {
	if w.atMost == 0 || items(command) <= w.atMost {
		return false
	}
	w.failed[name]++
	at := w.now + command.(core.PortCall).Head().Timeout
	w.late = append(w.late, late{at, driver.Unanswered(command, w.now, errors.New("timed out"))})
	return true
}

// nextLate is when the next call times out: each has the same time.
func (w *paced) nextLate() time.Duration {
	if len(w.late) == 0 {
		return never
	}
	return w.late[0].at
}

func (w *paced) answerLate() {
	for w.nextLate() <= w.now {
		event := w.late[0].event
		w.late = w.late[1:]
		w.step(event)
	}
}

func items(command core.Command) int {
	switch c := command.(type) {
	case core.SendAcquire:
		return len(c.Requests)
	case core.SendTake:
		return len(c.Requests)
	case core.SendSettle:
		return len(c.Settlements)
	case core.SendRelease:
		return len(c.Requests)
	case core.SendRenew:
		return len(c.Grants) / 45 // which have neither infos nor, in the request, names
	case core.SendInspect:
		return len(c.Names)
	case core.SendDeliveries:
		return c.Limit
	case core.SendLeases:
		return c.Limit
	case core.SendSweep:
		return c.Request.Limit
	case core.SendFetch:
		return c.Max
	default:
		return 0
	}
}
