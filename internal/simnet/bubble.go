package simnet

import (
	"os"
	"sync"
	"testing"
	"testing/synctest"
)

// host has the *testing.T that a bubble needs, in a goroutine that never ends.
var host struct {
	begin sync.Once
	jobs  chan func(t *testing.T)
}

// InBubble runs do where time is simulated, in a bubble of its own. It is for
// programs; tests have synctest.Test. The program's arguments must have been
// read before the first call, which takes them away from package testing.
func InBubble(do func()) {
	host.begin.Do(beginHost)
	done := make(chan struct{})
	host.jobs <- func(t *testing.T) {
		defer close(done)
		synctest.Test(t, func(*testing.T) { do() })
	}
	<-done
}

// beginHost: a program comes by a *testing.T in this way only, and keeps it for
// as long as the test goes on.
func beginHost() {
	host.jobs = make(chan func(t *testing.T))
	os.Args = os.Args[:1]
	everything := func(string, string) (bool, error) { return true, nil }
	serve := func(t *testing.T) {
		for job := range host.jobs {
			job(t)
		}
	}
	go testing.Main(everything, []testing.InternalTest{{Name: "simulation", F: serve}}, nil, nil)
}
