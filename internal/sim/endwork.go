package sim

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// What a scenario decides about the work on a stream.

// poisonTakes is how long work on a poisoned stream lasts until it fails.
const poisonTakes = 300 * time.Millisecond

// poison lets all work on a stream fail, that which goes on too.
func (w *World) poison(name string) {
	if w.poisoned == nil {
		w.poisoned = make(map[string]bool)
	}
	w.poisoned[name] = true
	w.endWork(name, core.Failed)
}

// finish ends the work on a stream well.
func (w *World) finish(name string) { w.endWork(name, core.Done) }

func (w *World) endWork(name string, outcome core.Outcome) {
	for _, p := range w.processes {
		for _, j := range slices.Clone(p.app.jobs) {
			if j.ref.Name == name && p.lives() {
				j.outcome, j.due = outcome, w.now
				p.app.finish(j)
			}
		}
	}
}
