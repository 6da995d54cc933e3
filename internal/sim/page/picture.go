package page

import (
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// picture is what a page says of a run that is over.
type picture struct {
	result    *sim.Result
	chronicle *sim.Chronicle
	end       time.Duration
	overlaps  []overlap
	incident  incident
}

func newPicture(r *sim.Result) *picture {
	p := &picture{result: r, chronicle: &r.Chronicle, end: endOf(r)}
	p.overlaps = overlapsOf(&r.Chronicle, p.end)
	p.incident = p.findIncident()
	return p
}

func (p *picture) draw() Document {
	doc := newFeed(p.end).patch(p.result)
	window := p.window()
	doc.Ended, doc.Focus, doc.Window = micros(p.end), micros(p.incident.at), &window
	return doc
}

// endOf is where the picture ends. A violation ends its run at once; what was
// believed at that instant is to be seen beyond it.
func endOf(r *sim.Result) time.Duration {
	if r.Held() {
		return r.Ended
	}
	return r.Ended + r.Scenario.Setup.Filled().TTL/4
}
