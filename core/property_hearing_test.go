package core

import (
	"slices"

	"github.com/stretchr/testify/require"
)

// checkEnds: S6 from the other side. Who heard that a tenure began, and did not
// end it, has heard of its end or will. StreamTerminated ends what is left.
func (w *chaos) checkEnds() {
	if w.machine.terminated {
		return
	}
	for ref, begun := range w.heard {
		ended := len(begun)
		if slices.ContainsFunc(begun, func(h hearing) bool { return h.serial == w.serials[ref] }) {
			if _, lives := w.live[ref]; lives {
				ended--
			}
		}
		waits := 0
		if n, ok := w.machine.outbox.notices[ref]; ok {
			waits = len(n.disowned)
		}
		require.Equal(w.t, ended, waits, "ends of %v that the application has not heard of, and those that it will", ref)
	}
}

// hearing is a tenure whose beginning the application heard of. Ports that
// contradict themselves give one token to several tenures.
type hearing struct {
	serial int
	token  Token
}

func (w *chaos) hear(ref StreamRef, token Token) {
	h := hearing{w.serials[ref], token}
	if !slices.Contains(w.heard[ref], h) {
		w.heard[ref] = append(w.heard[ref], h)
	}
}

// received keeps the application's books: S5 and S6.
func (w *chaos) received(n Notification) {
	switch n.Kind {
	case StreamAdded:
		require.Equal(w.t, w.live[n.Ref].Token, n.Token, "%v is said to begin, and does not live", n.Ref)
		require.Empty(w.t, w.heard[n.Ref], "S6: %v begins, and its tenure before did not end", n.Ref)
		require.False(w.t, w.done[n.Ref], "S5: the application heard of %v again", n.Ref)
		w.hear(n.Ref, n.Token)
		if w.machine.config.Handlers {
			w.working[n.Ref.Name] = true
		}
	case StreamDisowned:
		require.NotEmpty(w.t, w.heard[n.Ref], "S6: %v ended twice, or never began", n.Ref)
		require.Equal(w.t, w.heard[n.Ref][0].token, n.Token, "S6: another tenure of %v ended", n.Ref)
		w.heard[n.Ref] = w.heard[n.Ref][1:]
	case StreamExpired:
		require.NotContains(w.t, w.live, n.Ref, "%v is said to have no owner", n.Ref)
	}
}
