package sim

import "time"

// clock is the clock of a process or server: true time at its own rate, and
// for a server's wall clock with steps.
type clock struct {
	began  time.Duration // the true instant at which it showed offset
	offset time.Duration
	ppm    int64 // how much faster than true time, in parts per million
}

const million = 1_000_000

// at is what the clock shows at a true instant.
func (c *clock) at(now time.Duration) time.Duration {
	passed := now - c.began
	return c.offset + passed + scaled(passed, c.ppm)
}

// scaled is duration × ppm / million without overflow for years of duration.
func scaled(duration time.Duration, ppm int64) time.Duration {
	if ppm == 0 {
		return 0
	}
	whole, rest := int64(duration)/million, int64(duration)%million
	return time.Duration(whole*ppm + rest*ppm/million)
}

// when is the first true instant, not before now, at which the clock shows
// shown.
func (c *clock) when(shown, now time.Duration) time.Duration {
	left := shown - c.at(now)
	if left <= 0 {
		return now
	}
	if c.ppm == 0 {
		return now + left
	}
	rate := million + c.ppm
	whole, rest := int64(left)/rate, int64(left)%rate
	at := now + time.Duration(whole*million+rest*million/rate)
	for c.at(at) < shown {
		at++
	}
	return at
}

// setRate changes the rate from now on, without a jump.
func (c *clock) setRate(now time.Duration, ppm int64) {
	c.offset = c.at(now)
	c.began = now
	c.ppm = ppm
}

// step sets the clock forward, or back.
func (c *clock) step(by time.Duration) { c.offset += by }
