package memory

import (
	"container/heap"
	"time"
)

// schedule finds what comes first among values that each have an instant.
// Values of one instant come in the order in which they were added.
type schedule[V any] struct {
	queue appointments[V]
	added int64
}

// appointment is a value in a schedule, by which it can be moved or removed.
type appointment[V any] struct {
	at    time.Time
	value V
	order int64
	index int
}

func (s *schedule[V]) add(at time.Time, value V) *appointment[V] {
	s.added++
	made := &appointment[V]{at: at, value: value, order: s.added}
	heap.Push(&s.queue, made)
	return made
}

func (s *schedule[V]) move(moved *appointment[V], at time.Time) {
	moved.at = at
	heap.Fix(&s.queue, moved.index)
}

func (s *schedule[V]) remove(removed *appointment[V]) {
	heap.Remove(&s.queue, removed.index)
}

// popDue removes and returns the first value if its instant has come.
func (s *schedule[V]) popDue(now time.Time) (value V, due bool) {
	if len(s.queue) == 0 || s.queue[0].at.After(now) {
		return value, false
	}
	return heap.Pop(&s.queue).(*appointment[V]).value, true
}

// due lists up to limit values whose instant has come, earliest first, and
// says whether there are more. All of them stay.
func (s *schedule[V]) due(now time.Time, limit int) (values []V, more bool) {
	var seen []*appointment[V]
	for len(s.queue) > 0 && !s.queue[0].at.After(now) {
		if len(seen) == limit {
			more = true
			break
		}
		seen = append(seen, heap.Pop(&s.queue).(*appointment[V]))
	}
	for _, back := range seen {
		values = append(values, back.value)
		heap.Push(&s.queue, back)
	}
	return values, more
}

// appointments is the heap behind a schedule.
type appointments[V any] []*appointment[V]

func (a appointments[V]) Len() int { return len(a) }

func (a appointments[V]) Less(i, j int) bool {
	if a[i].at.Equal(a[j].at) {
		return a[i].order < a[j].order
	}
	return a[i].at.Before(a[j].at)
}

func (a appointments[V]) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

func (a *appointments[V]) Push(value any) {
	pushed := value.(*appointment[V])
	pushed.index = len(*a)
	*a = append(*a, pushed)
}

func (a *appointments[V]) Pop() any {
	last := len(*a) - 1
	popped := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return popped
}
