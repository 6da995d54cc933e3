package sim

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/core"
)

// The most that a world may be asked for. Beyond it nobody learns more, and a
// slip of the finger would fill the memory.
const (
	MostMembers = 1000
	MostStreams = 100_000
	Longest     = 365 * 24 * time.Hour
)

var errOutOfRange = errors.New("out of range")

// Validate says whether a world can be built of the setup.
func (s Setup) Validate() error {
	anybody := core.Member{ID: "m1", Incarnation: "m1-1"}
	return s.withDefaults().machine(anybody, [32]byte{}, core.Ablation{}).Validate()
}

// ReadNumber reads a number from least to most.
func ReadNumber(text string, least, most int) (int, error) {
	number, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) || err == nil && (number < least || number > most) {
		return 0, fmt.Errorf("%q is %w: %d to %d", text, errOutOfRange, least, most)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return number, nil
}

// ReadDuration reads how long something lasts.
func ReadDuration(text string) (time.Duration, error) {
	lasts, err := readJump(text)
	if err == nil && lasts < 0 {
		return 0, fmt.Errorf("%q is %w: it is less than nothing", text, errOutOfRange)
	}
	return lasts, err
}

// readJump reads how far a clock is set, forward or back.
func readJump(text string) (time.Duration, error) {
	far, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration; write it as 2s or 300ms", text)
	}
	if far > Longest || far < -Longest {
		return 0, fmt.Errorf("%q is %w: more than a year", text, errOutOfRange)
	}
	return far, nil
}
