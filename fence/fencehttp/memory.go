package fencehttp

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// Memory remembers the highest token of each stream. Its methods are called
// concurrently.
type Memory interface {
	// Raise remembers the token of the stream, unless it remembers a higher one:
	// then the error is a *fence.StaleError. Any other error is answered with
	// 503, and the handler does not run. The Fences of package redisfence are a
	// Memory, and with RaiseFunc those of package sqlfence.
	Raise(ctx context.Context, stream string, token core.Token) error
}

// RaiseFunc is a function as a Memory.
type RaiseFunc func(ctx context.Context, stream string, token core.Token) error

// Raise calls the function.
func (f RaiseFunc) Raise(ctx context.Context, stream string, token core.Token) error {
	return f(ctx, stream, token)
}

// ErrForgotten says that a bounded memory has no room for every stream, and
// cannot tell whether it has seen a higher token of this one.
var ErrForgotten = errors.New("the fence may have forgotten this stream")

// BoundedMemory is a Memory in this process, of so many streams. When there are
// more it forgets the one with the lowest token, and refuses with ErrForgotten
// whoever comes with that or a lower one and is not remembered: so it never
// lets a lower token through after a higher one, but may stop an owner that was
// idle while as many streams found newer ones. The owner hands the stream off
// then: the next tenure has a higher token.
type BoundedMemory struct {
	limit int

	mu        sync.Mutex
	streams   map[string]*memory
	byToken   memories
	forgotten core.Token // the highest of those that were forgotten
}

// memory is what is remembered of one stream.
type memory struct {
	tenure
	index int // in the heap
}

// NewBoundedMemory makes a memory for at least one stream.
func NewBoundedMemory(limit int) *BoundedMemory {
	return &BoundedMemory{limit: max(limit, 1), streams: map[string]*memory{}}
}

// Raise remembers the token; see Memory and ErrForgotten.
func (b *BoundedMemory) Raise(_ context.Context, stream string, token core.Token) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, found := b.streams[stream]
	switch {
	case found && token < known.token:
		return &fence.StaleError{Fence: stream, Token: token, Highest: known.token}
	case found:
		known.token = token
		heap.Fix(&b.byToken, known.index)
		return nil
	case token <= b.forgotten:
		return fmt.Errorf("%w: token %d of %.*q is not above %d, the highest one that it forgot", ErrForgotten, token, longestShown, stream, b.forgotten)
	}
	known = &memory{tenure: tenure{stream, token}}
	b.streams[stream] = known
	heap.Push(&b.byToken, known)
	if len(b.streams) > b.limit {
		lowest := heap.Pop(&b.byToken).(*memory)
		delete(b.streams, lowest.stream)
		b.forgotten = lowest.token
	}
	return nil
}

// longestShown is how much of a name an error shows.
const longestShown = 256

// memories is a heap, the lowest token first.
type memories []*memory

func (m memories) Len() int           { return len(m) }
func (m memories) Less(i, j int) bool { return m[i].token < m[j].token }
func (m memories) Swap(i, j int) {
	m[i], m[j] = m[j], m[i]
	m[i].index, m[j].index = i, j
}

// Push is for package heap.
func (m *memories) Push(x any) {
	added := x.(*memory)
	added.index = len(*m)
	*m = append(*m, added)
}

// Pop is for package heap.
func (m *memories) Pop() any {
	last := (*m)[len(*m)-1]
	(*m)[len(*m)-1] = nil
	*m = (*m)[:len(*m)-1]
	return last
}
