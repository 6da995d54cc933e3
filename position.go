package streamlease

import "sync"

// checkpoint is what one tenure knows of its checkpoint.
type checkpoint struct {
	mu       sync.Mutex
	known    bool
	position string
	given    int64 // the number of the Save that was called last
	accepted int64 // the highest of those that were accepted
}

func (c *checkpoint) last() (position string, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position, c.known
}

// loaded takes note of what the store answered, unless this tenure has saved
// meanwhile, and returns what counts.
func (c *checkpoint) loaded(position string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		c.position, c.known = position, true
	}
	return c.position
}

// next is the number of one more Save: the store keeps the highest, whatever
// comes late.
func (c *checkpoint) next() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given++
	return c.given
}

func (c *checkpoint) saved(number int64, position string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number > c.accepted {
		c.position, c.known, c.accepted = position, true, number
	}
}
