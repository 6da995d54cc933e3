package memory

import (
	"iter"
	"slices"
)

// journal keeps values in the order of their keys. Keys are added in growing
// order only, which makes a sorted slice enough: what is removed leaves a gap,
// and when the gaps outnumber the values the slice is written anew.
type journal[K, V any] struct {
	compare func(K, K) int
	lines   []line[K, V]
	live    int
}

type line[K, V any] struct {
	key     K
	value   V
	removed bool
}

func newJournal[K, V any](compare func(K, K) int) *journal[K, V] {
	return &journal[K, V]{compare: compare}
}

func (j *journal[K, V]) add(key K, value V) {
	j.lines = append(j.lines, line[K, V]{key: key, value: value})
	j.live++
}

func (j *journal[K, V]) find(key K) (value V, found bool) {
	at, found := j.search(key)
	if !found || j.lines[at].removed {
		return value, false
	}
	return j.lines[at].value, true
}

func (j *journal[K, V]) remove(key K) {
	at, found := j.search(key)
	if !found || j.lines[at].removed {
		return
	}
	j.lines[at] = line[K, V]{key: key, removed: true}
	j.live--
	if len(j.lines) > 2*j.live {
		j.rewrite()
	}
}

// after walks from the first key that is greater than key. The walk may remove
// what it has come by.
func (j *journal[K, V]) after(key K) iter.Seq2[K, V] {
	at, found := j.search(key)
	if found {
		at++
	}
	rest := j.lines[at:]
	return func(yield func(K, V) bool) {
		for _, line := range rest {
			if !line.removed && !yield(line.key, line.value) {
				return
			}
		}
	}
}

func (j *journal[K, V]) search(key K) (at int, found bool) {
	return slices.BinarySearchFunc(j.lines, key, func(line line[K, V], key K) int {
		return j.compare(line.key, key)
	})
}

// rewrite makes a new slice, because a walk may be under way on the old one.
func (j *journal[K, V]) rewrite() {
	kept := make([]line[K, V], 0, j.live)
	for _, line := range j.lines {
		if !line.removed {
			kept = append(kept, line)
		}
	}
	j.lines = kept
}
