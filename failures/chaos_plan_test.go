package failures_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	chaosTTL = 3 * time.Second
	// faultEvery is the mean time between two faults.
	faultEvery = 400 * time.Millisecond
	// shortChaos is how long the faults last in `make test`.
	shortChaos = 15 * time.Second
)

// chaosPlan says what happens and when. The seed decides everything but the
// processes' own speed: the same seed draws the same faults, of the same sizes,
// at the same times, and which members and which calls are there to be struck
// differs a little from run to run.
type chaosPlan struct {
	seed     uint64
	duration time.Duration
}

// newChaosPlan reads CHAOS_SEED and CHAOS_DURATION.
func newChaosPlan(t *testing.T) chaosPlan {
	t.Helper()
	plan := chaosPlan{seed: rand.Uint64N(1 << 32), duration: shortChaos}
	var err error
	if text := os.Getenv("CHAOS_SEED"); text != "" {
		plan.seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "CHAOS_SEED")
	}
	if text := os.Getenv("CHAOS_DURATION"); text != "" {
		plan.duration, err = time.ParseDuration(text)
		require.NoError(t, err, "CHAOS_DURATION")
	}
	return plan
}

// String is the command that repeats the plan.
func (p chaosPlan) String() string {
	return fmt.Sprintf("CHAOS_SEED=%d CHAOS_DURATION=%v make chaos", p.seed, p.duration)
}

// dice draws for one purpose, so that no purpose changes what others draw.
func (p chaosPlan) dice(purpose ...any) dice {
	hash := fnv.New64a()
	fmt.Fprint(hash, purpose...)
	return dice{rand.New(rand.NewPCG(p.seed, hash.Sum64()))}
}

// dice is one stream of random numbers.
type dice struct{ *rand.Rand }

// ttls draws a time, in units of the TTL.
func (d dice) ttls(least, most float64) time.Duration {
	return time.Duration((least + (most-least)*d.Float64()) * float64(chaosTTL))
}

// pause draws the time to the next fault: often short, so that faults overlap.
func (d dice) pause() time.Duration {
	return time.Duration(min(d.ExpFloat64(), 5) * float64(faultEvery))
}

// pick draws one of the choices; nothing when there is none. It draws the same
// whatever the choices are.
func pick[T any](d dice, choices []T) (chosen T, found bool) {
	part := d.Float64()
	if len(choices) == 0 {
		return chosen, false
	}
	return choices[int(part*float64(len(choices)))], true
}
