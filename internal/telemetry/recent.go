package telemetry

// recent remembers what was put in last, so much of it and no more. What was
// dropped and put in again may be forgotten a little early.
type recent[K comparable, V any] struct {
	values map[K]V
	order  []K
	limit  int
	next   int // the oldest place of order, once that is full
}

func newRecent[K comparable, V any](limit int) recent[K, V] {
	return recent[K, V]{values: make(map[K]V), limit: limit}
}

func (r *recent[K, V]) get(key K) (V, bool) {
	value, found := r.values[key]
	return value, found
}

func (r *recent[K, V]) put(key K, value V) {
	if _, found := r.values[key]; !found {
		r.makeRoom(key)
	}
	r.values[key] = value
}

func (r *recent[K, V]) makeRoom(key K) {
	if len(r.order) < r.limit {
		r.order = append(r.order, key)
		return
	}
	delete(r.values, r.order[r.next])
	r.order[r.next] = key
	r.next = (r.next + 1) % r.limit
}

func (r *recent[K, V]) drop(key K) { delete(r.values, key) }
