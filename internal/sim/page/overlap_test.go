package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

// The observer and the picture know of each other's business nothing: what one
// calls sound has nothing red in the other.
func TestAPictureIsRedOnlyWhereTheObserverObjects(t *testing.T) {
	excused, tenures := 0, 0
	for seed := range uint64(60) {
		r := play(sim.Draw(seed), sim.Options{Seed: seed})
		require.Empty(t, r.Violations, "seed %d", seed)
		if r.Excuses[sim.S3.String()] != "" {
			excused++
			continue
		}
		tenures += len(r.Chronicle.Tenures)
		require.Empty(t, overlapsOf(&r.Chronicle, r.Ended), "seed %d", seed)
	}
	require.Less(t, excused, 30)
	require.Greater(t, tenures, 1000)
}

// A violation ends its run at once; the overlap that it is about shows all the
// same.
func TestAnOverlapThatEndsTheRunIsRed(t *testing.T) {
	r := violated(t, sim.S3, func(a *sim.Ablation) { a.Core.ReleaseBeforeSettle = true })
	v := r.Violations[0]
	require.True(t, strings.Contains(v.Story, " while "), v.Story)
	p := newPicture(&r)
	require.NotEmpty(t, p.overlaps)
	last := p.overlaps[len(p.overlaps)-1]
	require.Equal(t, v.At, last.from)
	require.Greater(t, last.to, v.At)
	require.Greater(t, p.draw().Ended, micros(v.At))
}
