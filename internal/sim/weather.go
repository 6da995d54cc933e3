package sim

import "time"

// noise is a fault that meets calls by chance, for a while.
type noise struct {
	until    time.Duration
	perMille int
	moment   Moment
	effect   Effect
	duration time.Duration
	half     bool
}

// weather is everything that happens by chance.
type weather struct {
	noises []noise
	// Odds in a thousand for each hint, until their time.
	lost, late, doubled, untrue             int
	lostUntil, lateUntil, twiceUntil, until time.Duration
}

// strikes draws whether noise meets a call. What is drawn belongs to the call.
func (w *weather) strikes(p *process, c *call) *hit {
	if len(w.noises) == 0 {
		return nil
	}
	for i := range w.noises {
		n := &w.noises[i]
		if p.world.now >= n.until {
			continue
		}
		number := mix(p.number, uint64(c.id), 0x10+uint64(i))
		if int(number%1000) < n.perMille {
			return &hit{Call: c.what, Moment: n.moment, Effect: n.effect,
				duration: within(finish(number), 0, n.duration) + time.Millisecond, half: n.half}
		}
	}
	return nil
}
