package main

import "sync"

// furthestAhead is how many results may wait for an earlier one.
const furthestAhead = 1024

// inOrder does work for 0, 1, 2, … on several workers and gives the results to
// take in that order, so that what is found does not depend on how many cores
// there are. It ends when begin refuses a number, or take does; then what is
// under way is waited for. Both are called by one goroutine at a time.
func inOrder[R any](workers int, begin func(number int) bool, work func(number int) R, take func(number int, result R) (goOn bool)) {
	line := waitingLine[R]{begin: begin, take: take, results: make(map[int]R)}
	line.moved = sync.NewCond(&line.mu)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for {
				number, more := line.next()
				if !more {
					return
				}
				line.hand(number, work(number))
			}
		})
	}
	running.Wait()
}

// waitingLine is where results wait for earlier ones.
type waitingLine[R any] struct {
	mu      sync.Mutex
	moved   *sync.Cond // taken has changed, or over
	begin   func(int) bool
	take    func(int, R) bool
	begun   int
	taken   int
	over    bool // nothing more is begun
	enough  bool // nothing more is taken
	results map[int]R
}

func (l *waitingLine[R]) next() (number int, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.over && l.begun-l.taken >= furthestAhead {
		l.moved.Wait()
	}
	if l.over || !l.begin(l.begun) {
		l.over = true
		l.moved.Broadcast()
		return 0, false
	}
	l.begun++
	return l.begun - 1, true
}

func (l *waitingLine[R]) hand(number int, result R) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.results[number] = result
	for !l.enough {
		next, here := l.results[l.taken]
		if !here {
			break
		}
		delete(l.results, l.taken)
		if !l.take(l.taken, next) {
			l.over, l.enough = true, true
		}
		l.taken++
	}
	l.moved.Broadcast()
}
