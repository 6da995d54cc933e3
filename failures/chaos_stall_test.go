package failures_test

import (
	"sync"
	"time"
)

const (
	// tickEvery is how often a process looks whether it still runs in time.
	tickEvery = 50 * time.Millisecond
	// longestTick is the lateness from which on it says that it did not.
	longestTick = chaosTTL / 30
)

// watchStalls reports whenever the process was not given the machine for a
// while: by SIGSTOP, or because the machine is busy. Such a process cannot know
// what it lost in between. stop waits until nothing is reported any more.
func watchStalls(reporter reporter) (stop func()) {
	var work sync.WaitGroup
	stopped := make(chan struct{})
	work.Go(func() {
		for {
			before := reporter.clock()
			select {
			case <-time.After(tickEvery):
			case <-stopped:
				return
			}
			if took := reporter.clock() - before; took > tickEvery+longestTick {
				reporter.send(report{Event: eventStalled, Stall: took})
			}
		}
	})
	return func() {
		close(stopped)
		work.Wait()
	}
}
