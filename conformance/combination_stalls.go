package conformance

import (
	"sync"
	"sync/atomic"
	"time"
)

// stalls measures for how long at most the process was held up: what an
// application believes for so long after it ceased to be true is the machine's
// fault.
type stalls struct {
	longest atomic.Int64
	quit    chan struct{}
	work    sync.WaitGroup
}

func watchStalls(watch bool) *stalls {
	s := &stalls{quit: make(chan struct{})}
	if watch {
		s.work.Go(s.measure)
	}
	return s
}

func (s *stalls) measure() {
	const every = 10 * time.Millisecond
	for {
		looked := time.Now()
		select {
		case <-s.quit:
			return
		case <-time.After(every):
		}
		s.longest.Store(max(s.longest.Load(), int64(time.Since(looked)-every)))
	}
}

func (s *stalls) end() {
	close(s.quit)
	s.work.Wait()
}
