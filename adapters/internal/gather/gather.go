// Package gather turns what many calls of a library ask, each by itself, into
// batches, although the library knows of no batches.
package gather

import (
	"slices"
	"sync"
)

// Run runs so many operations at once and returns when all have ended. Whatever
// an operation asks waits until every operation that has not ended waits too;
// then send gets all that was asked, in the order of the operations, and returns
// an answer for each, in its order: the same calls ask the same of a server. An operation asks either nothing more, or as many
// questions at once as asksAtOnce says, from as many goroutines. So a batch
// costs one send for each step of the longest operation, and no timer decides.
func Run[Q, A any](operations, asksAtOnce int, send func([]Q) []A, operate func(operation int, ask func(Q) A)) {
	b := &batch[Q, A]{active: operations, asksAtOnce: asksAtOnce, send: send, wave: newWave[Q, A]()}
	var running sync.WaitGroup
	for operation := range operations {
		running.Go(func() {
			defer b.end()
			operate(operation, func(question Q) A { return b.ask(operation, question) })
		})
	}
	running.Wait()
}

type batch[Q, A any] struct {
	asksAtOnce int
	send       func([]Q) []A

	mutex  sync.Mutex
	active int
	wave   *wave[Q, A]
}

// wave is what is asked at once.
type wave[Q, A any] struct {
	asked    []*asked[Q, A]
	answered chan struct{}
}

type asked[Q, A any] struct {
	operation int
	question  Q
	answer    A
}

func newWave[Q, A any]() *wave[Q, A] { return &wave[Q, A]{answered: make(chan struct{})} }

func (b *batch[Q, A]) ask(operation int, question Q) A {
	mine := &asked[Q, A]{operation: operation, question: question}
	b.mutex.Lock()
	joined := b.wave
	joined.asked = append(joined.asked, mine)
	complete := b.complete()
	b.mutex.Unlock()
	b.answer(complete)
	<-joined.answered
	return mine.answer
}

func (b *batch[Q, A]) end() {
	b.mutex.Lock()
	b.active--
	complete := b.complete()
	b.mutex.Unlock()
	b.answer(complete)
}

// complete returns the wave if everybody waits for it, and begins the next.
func (b *batch[Q, A]) complete() *wave[Q, A] {
	count := len(b.wave.asked)
	if count == 0 || count < b.active*b.asksAtOnce {
		return nil
	}
	complete := b.wave
	b.wave = newWave[Q, A]()
	return complete
}

func (b *batch[Q, A]) answer(complete *wave[Q, A]) {
	if complete == nil {
		return
	}
	slices.SortStableFunc(complete.asked, func(one, other *asked[Q, A]) int { return one.operation - other.operation })
	questions := make([]Q, len(complete.asked))
	for i, one := range complete.asked {
		questions[i] = one.question
	}
	for i, answer := range b.send(questions) {
		complete.asked[i].answer = answer
	}
	close(complete.answered)
}
