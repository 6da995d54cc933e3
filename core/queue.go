package core

// queue is a first-in, first-out queue that gives its memory back.
type queue[T any] struct {
	items []T
	first int
}

func (q *queue[T]) len() int { return len(q.items) - q.first }

func (q *queue[T]) push(item T) { q.items = append(q.items, item) }

func (q *queue[T]) peek() (item T, ok bool) {
	if q.len() == 0 {
		return item, false
	}
	return q.items[q.first], true
}

func (q *queue[T]) pop() (item T, ok bool) {
	if q.len() == 0 {
		return item, false
	}
	item = q.items[q.first]
	var zero T
	q.items[q.first] = zero
	q.first++
	switch {
	case q.first == len(q.items):
		q.items, q.first = q.items[:0], 0
		if cap(q.items) > 4096 {
			q.items = nil
		}
	case q.first > 1024 && q.first > len(q.items)/2:
		q.items = append([]T(nil), q.items[q.first:]...)
		q.first = 0
	}
	return item, true
}

// batch takes up to limit items that are wanted, and drops those before them
// that are not: what was queued may have gone another way since.
func (q *queue[T]) batch(limit int, wanted func(T) bool) []T {
	var batch []T
	for len(batch) < limit {
		item, ok := q.pop()
		if !ok {
			break
		}
		if wanted(item) {
			batch = append(batch, item)
		}
	}
	return batch
}
