package proctest

import (
	"bytes"
	"sync"
)

// lineQueue is an io.Writer that keeps what is written as lines, without limit:
// whoever writes must never wait for a test that is busy elsewhere.
type lineQueue struct {
	mu      sync.Mutex
	lines   []string
	begun   []byte        // of a line whose newline has not come
	arrived chan struct{} // closed, and made anew, when lines arrive
}

func newLineQueue() *lineQueue { return &lineQueue{arrived: make(chan struct{})} }

// Write never fails.
func (q *lineQueue) Write(text []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	rest := text
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		q.begun = append(q.begun, line...)
		if !found {
			break
		}
		q.lines = append(q.lines, string(q.begun))
		q.begun = q.begun[:0]
		rest = after
	}
	if len(q.lines) > 0 {
		close(q.arrived)
		q.arrived = make(chan struct{})
	}
	return len(text), nil
}

// next takes the oldest line. When there is none it answers a channel that is
// closed when one has arrived.
func (q *lineQueue) next() (line string, arrived <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) == 0 {
		return "", q.arrived
	}
	line = q.lines[0]
	q.lines = q.lines[1:]
	return line, nil
}
