package hints

import (
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Config of a Notifier.
type Config struct {
	// PollEvery is the longest time between two looks at the index of
	// deadlines. Positive.
	PollEvery time.Duration
	// PingAfter is how long a subscription may be silent before the server is
	// asked whether it is still there, and how long it may then take to
	// answer: a connection that died silently is noticed after twice as long.
	// Positive.
	PingAfter time.Duration
}

// WithDefaults puts 1 s and 5 s where there is nothing. It reports every mistake
// at once; the error wraps ports.ErrInvalid.
func (c Config) WithDefaults() (Config, error) {
	var mistakes []error
	if c.PollEvery < 0 {
		mistakes = append(mistakes, fmt.Errorf("PollEvery is %v; it must be positive", c.PollEvery))
	}
	if c.PingAfter < 0 {
		mistakes = append(mistakes, fmt.Errorf("PingAfter is %v; it must be positive", c.PingAfter))
	}
	if len(mistakes) > 0 {
		return Config{}, fmt.Errorf("%w notifier config: %w", ports.ErrInvalid, errors.Join(mistakes...))
	}
	if c.PollEvery == 0 {
		c.PollEvery = time.Second
	}
	if c.PingAfter == 0 {
		c.PingAfter = 5 * time.Second
	}
	return c, nil
}
