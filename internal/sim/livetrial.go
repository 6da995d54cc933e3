package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// isSuspect: so many crashes stand against the assignment that its member tries
// it alone.
func (w *World) isSuspect(ref core.StreamRef) bool {
	config := w.processes[0].config
	r := w.source.find(ref)
	return r != nil && config.MaxCrashes > 1 && r.crashesStanding(w.source.time(), config.StableAfter) >= config.MaxCrashes-1
}

// lookAtTrial: a suspect waits for as long as those before it are tried.
func (o *observer) lookAtTrial(b *book, state ownership, bound bounds) {
	w := o.world
	if state != awaitsTrial || !w.calm {
		b.untried = w.now
		return
	}
	o.checks[L1]++
	config := w.processes[0].config
	each := config.Trial + config.RenewEvery + 2*config.CallTimeout
	if waited := w.now - b.untried; waited > bound.found+time.Duration(len(w.source.records))*each {
		o.violated(L1, nil, b.ref, 0, "%s has awaited its trial for %v since all was well", b.ref, waited)
	}
}
