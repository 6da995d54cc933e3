package goredis

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// EndField is the field that ends a data stream, unless ReaderConfig.EndField
// says otherwise. A producer adds, as its last message,
//
//	XADD order-7 * streamlease-end 1
const EndField = "streamlease-end"

// ReaderConfig says how data streams are read. The zero value is fit.
type ReaderConfig struct {
	// EndField: a message with this field, whatever its value, ends its stream.
	// It is not handed out. Defaults to EndField.
	EndField string
	// SaveEvery is how many messages may be processed after the last
	// checkpoint, and so how many a new owner repeats at most. Defaults to 100.
	SaveEvery int
	// SaveAfter is how long a processed message may wait for the checkpoint to
	// be saved, while the loop asks for messages. Defaults to 1 s.
	SaveAfter time.Duration
	// Batch is how many messages of one stream are in memory at most. Defaults
	// to 32.
	Batch int
	// MinWait is how long a stream that had nothing waits for the next look at
	// it. With each look in vain the wait doubles, up to MaxWait; a stream that
	// had something is looked at again at once. Defaults to 5 ms.
	MinWait time.Duration
	// MaxWait is the longest of these waits, and so about the longest time that
	// a message of a quiet stream waits. A thousand quiet streams cost 1,000
	// reads in this time. Defaults to 500 ms.
	MaxWait time.Duration
	// Blocking reads each stream over a connection of its own, which waits in
	// the server: a message comes at once, and each stream costs a connection.
	// MinWait and MaxWait are then those between tries after an error. Defaults
	// to false.
	Blocking bool
}

// Validate reports every mistake at once; the error wraps ports.ErrInvalid.
func (c ReaderConfig) Validate() error {
	var mistakes []error
	positive := func(name string, isPositive bool, value any) {
		if !isPositive {
			mistakes = append(mistakes, fmt.Errorf("%s is %v; it must be positive, or 0 for the default", name, value))
		}
	}
	positive("SaveEvery", c.SaveEvery >= 0, c.SaveEvery)
	positive("SaveAfter", c.SaveAfter >= 0, c.SaveAfter)
	positive("Batch", c.Batch >= 0, c.Batch)
	positive("MinWait", c.MinWait >= 0, c.MinWait)
	positive("MaxWait", c.MaxWait >= 0, c.MaxWait)
	if whole := c.withDefaults(); len(mistakes) == 0 && whole.MinWait > whole.MaxWait {
		mistakes = append(mistakes, fmt.Errorf("MinWait (%v) is longer than MaxWait (%v)", whole.MinWait, whole.MaxWait))
	}
	if len(mistakes) == 0 {
		return nil
	}
	return fmt.Errorf("%w reader config: %w", ports.ErrInvalid, errors.Join(mistakes...))
}

func (c ReaderConfig) withDefaults() ReaderConfig {
	c.EndField = cmp.Or(c.EndField, EndField)
	c.SaveEvery = cmp.Or(c.SaveEvery, 100)
	c.SaveAfter = cmp.Or(c.SaveAfter, time.Second)
	c.Batch = cmp.Or(c.Batch, 32)
	c.MinWait = cmp.Or(c.MinWait, 5*time.Millisecond)
	c.MaxWait = cmp.Or(c.MaxWait, 500*time.Millisecond)
	return c
}
