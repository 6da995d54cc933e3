package memory

import (
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Config is what the stores need to know. The zero value is a valid Config.
type Config struct {
	// Shape is what one grant of the lease store covers. Defaults to
	// ports.GrantPerMember.
	Shape ports.GrantShape
	// Now is the clock of the stores, by which leases expire, members leave
	// and retry times come. It is called with a lock held and must not call
	// back. Defaults to time.Now. The bound of a Fetch that waits and the
	// pauses between two polls of a Watch are timers of package time.
	Now func() time.Time
	// QuarantineLimit is how many assignments the quarantine holds; when it
	// is full the oldest goes. Defaults to 100,000.
	QuarantineLimit int
	// PollEvery is how often a Watch looks for grants that have expired.
	// Defaults to 50 ms.
	PollEvery time.Duration
	// HintBuffer is how many published hints wait for one Watch whose
	// receiver is slow; what does not fit is dropped and makes a HintGap.
	// Defaults to 4,096.
	HintBuffer int
}

// Validate reports every mistake at once; the error wraps ports.ErrInvalid.
func (c Config) Validate() error {
	c = c.withDefaults()
	var mistakes []error
	wrong := func(format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf(format, args...))
	}
	if c.Shape != ports.GrantPerMember && c.Shape != ports.GrantPerLease {
		wrong("Shape is %d; it must be GrantPerMember or GrantPerLease", c.Shape)
	}
	if c.QuarantineLimit < 0 {
		wrong("QuarantineLimit is %d; it must be positive", c.QuarantineLimit)
	}
	if c.PollEvery < 0 {
		wrong("PollEvery is %v; it must be positive", c.PollEvery)
	}
	if c.HintBuffer < 0 {
		wrong("HintBuffer is %d; it must be positive", c.HintBuffer)
	}
	if len(mistakes) == 0 {
		return nil
	}
	return fmt.Errorf("%w memory config: %w", ports.ErrInvalid, errors.Join(mistakes...))
}

func (c Config) withDefaults() Config {
	if c.Shape == 0 {
		c.Shape = ports.GrantPerMember
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.QuarantineLimit == 0 {
		c.QuarantineLimit = 100_000
	}
	if c.PollEvery == 0 {
		c.PollEvery = 50 * time.Millisecond
	}
	if c.HintBuffer == 0 {
		c.HintBuffer = 4096
	}
	return c
}
