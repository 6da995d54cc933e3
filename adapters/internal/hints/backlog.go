package hints

import (
	"sync"

	"github.com/streamlease/streamlease/ports"
)

// What piles up while deliver is busy.
const (
	backlogHints = 10_000
	backlogBytes = 16 << 20
)

// backlog holds hints between the feeds and deliver. It is bounded: what does
// not fit is dropped, and a gap follows what it holds.
type backlog struct {
	mutex    sync.Mutex
	hints    []ports.Hint
	bytes    int
	overflow bool
	// ready has an element while there is something to take.
	ready chan struct{}
}

func newBacklog() *backlog { return &backlog{ready: make(chan struct{}, 1)} }

// add never waits.
func (b *backlog) add(hints ...ports.Hint) {
	if len(hints) == 0 {
		return
	}
	b.mutex.Lock()
	for _, hint := range hints {
		size := len(hint.Ref.Name) + len(hint.Ref.MessageID) + len(hint.Giver)
		if len(b.hints) >= backlogHints || b.bytes+size > backlogBytes {
			b.overflow = true
			break
		}
		b.hints = append(b.hints, hint)
		b.bytes += size
	}
	b.mutex.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// take empties the backlog.
func (b *backlog) take() []ports.Hint {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	hints := b.hints
	if b.overflow {
		hints = append(hints, ports.Hint{Kind: ports.HintGap})
	}
	b.hints, b.bytes, b.overflow = nil, 0, false
	return hints
}
