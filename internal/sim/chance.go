package sim

import "time"

// chance is one stream of random numbers: splitmix64 (Steele, Lea and Flood,
// 2014), written out because its numbers must be the same for ever. Each
// concern draws from its own, so that a change in one does not move the others.
type chance struct{ state uint64 }

// The concerns. Append only: a number is part of what a seed means.
const (
	ofNetwork uint64 = iota + 1
	ofWorkload
	ofSchedule
	ofFaults
	ofSizes
	ofIdentity
	ofHealing
)

func newChance(seed, concern uint64) *chance { return &chance{state: mix(seed, concern)} }

func (c *chance) next() uint64 {
	c.state += 0x9e3779b97f4a7c15
	return finish(c.state)
}

// below draws from [0, n); 0 when n is not positive.
func (c *chance) below(n int) int {
	if n <= 0 {
		return 0
	}
	return int(c.next() % uint64(n))
}

// happens is true perMille times in a thousand. Odds of zero draw nothing: a
// fault that is off moves nothing else.
func (c *chance) happens(perMille int) bool {
	return perMille > 0 && c.below(1000) < perMille
}

// between draws from [low, high).
func (c *chance) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(c.next()%uint64(high-low))
}

func pick[T any](c *chance, from ...T) T { return from[c.below(len(from))] }

// mix makes one number of several, for draws that belong to a thing (a call, a
// tenure) and not to the order in which things happen: when a fault is taken
// out of a run, what does not follow from it stays as it was.
func mix(parts ...uint64) uint64 {
	mixed := uint64(0x2545f4914f6cdd1d)
	for _, part := range parts {
		mixed = finish((mixed ^ part) + 0x9e3779b97f4a7c15)
	}
	return mixed
}

func finish(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// within turns a mixed number into a duration from [low, high).
func within(number uint64, low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(number%uint64(high-low))
}

func textNumber(text string) uint64 {
	number := uint64(14695981039346656037)
	for i := 0; i < len(text); i++ {
		number = (number ^ uint64(text[i])) * 1099511628211
	}
	return number
}
