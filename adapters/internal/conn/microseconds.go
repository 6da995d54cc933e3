package conn

import (
	_ "embed"
	"math"
	"time"
)

// MicrosecondsSource is what scripts that count in microseconds of the server's
// clock share: now, and text, which writes such numbers. It is for NewScript.
//
//go:embed microseconds.lua
var MicrosecondsSource string

// Microseconds is the unit of these scripts. A fraction counts as a whole one,
// so that no lease is shorter than asked for.
func Microseconds(ttl time.Duration) int64 {
	if ttl > math.MaxInt64-time.Microsecond {
		return math.MaxInt64 / int64(time.Microsecond)
	}
	return int64((ttl + time.Microsecond - 1) / time.Microsecond)
}
