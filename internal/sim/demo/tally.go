package demo

import "github.com/streamlease/streamlease/internal/sim"

// Tally counts what became of the applications' writes and streams.
type Tally struct {
	Writes      int `json:"writes"`    // were accepted
	Refused     int `json:"refused"`   // of late owners, by the fence
	Corrupted   int `json:"corrupted"` // of late owners, that took effect
	Announced   int `json:"announced"`
	Done        int `json:"done"`
	Quarantined int `json:"quarantined"`
	Violated    int `json:"violated"`
}

func (t *Tally) see(e *sim.Event) {
	switch e.Kind {
	case sim.Wrote:
		t.Writes++
	case sim.Fenced:
		t.Refused++
	case sim.Corrupted:
		t.Corrupted++
	case sim.Announced:
		t.Announced++
	case sim.Violated:
		t.Violated++
	case sim.Settled:
		switch e.Cause {
		case "Done":
			t.Done++
		case "Quarantined":
			t.Quarantined++
		}
	}
}
