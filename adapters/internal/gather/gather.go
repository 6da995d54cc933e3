// Package gather turns what many calls of a library ask, each by itself, into
// batches, although the library knows of no batches.
package gather

import "sync"

// Run runs so many operations at once and returns when all have ended. Whatever
// an operation asks waits until every operation that has not ended waits too;
// then send gets all that was asked, in any order, and returns an answer for
// each, in its order. An operation asks either nothing more, or as many
// questions at once as asksAtOnce says, from as many goroutines. So a batch
// costs one send for each step of the longest operation, and no timer decides.
func Run[Q, A any](operations, asksAtOnce int, send func([]Q) []A, operate func(operation int, ask func(Q) A)) {
	b := &batch[Q, A]{active: operations, asksAtOnce: asksAtOnce, send: send, wave: newWave[Q, A]()}
	var running sync.WaitGroup
	for operation := range operations {
		running.Go(func() {
			defer b.end()
			operate(operation, b.ask)
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
	questions []Q
	answers   []A
	answered  chan struct{}
}

func newWave[Q, A any]() *wave[Q, A] { return &wave[Q, A]{answered: make(chan struct{})} }

func (b *batch[Q, A]) ask(question Q) A {
	b.mutex.Lock()
	mine, place := b.wave, len(b.wave.questions)
	mine.questions = append(mine.questions, question)
	complete := b.complete()
	b.mutex.Unlock()
	b.answer(complete)
	<-mine.answered
	return mine.answers[place]
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
	asked := len(b.wave.questions)
	if asked == 0 || asked < b.active*b.asksAtOnce {
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
	complete.answers = b.send(complete.questions)
	close(complete.answered)
}
