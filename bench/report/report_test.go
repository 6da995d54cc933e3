package report

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/suite"
)

func sample(measurement, store string, run int, figure string, number float64) suite.Sample {
	return suite.Sample{Measurement: measurement, Store: store, Run: run, Figures: measure.Figures{{Name: figure, Number: number}}}
}

func TestTheMedianLeavesOutRunsThatFailed(t *testing.T) {
	r := results{
		sample("m", "s", 1, "f", 3), sample("m", "s", 2, "f", 1), sample("m", "s", 3, "f", 100),
		sample("m", "another", 1, "f", 7), {Measurement: "m", Store: "s", Err: errors.New("lost")},
	}
	number, known := r.median("m", "s", "f")
	require.True(t, known)
	require.Equal(t, 3.0, number)
	_, known = r.median("m", "nobody", "f")
	require.False(t, known)
}

func TestTheExponentIsThatOfThePower(t *testing.T) {
	for _, power := range []float64{0, 0.5, 1, 2} {
		var points []point
		for _, size := range []float64{1e3, 1e4, 1e5, 1e6} {
			points = append(points, point{size, 7 * math.Pow(size, power)})
		}
		slope, known := exponent(points)
		require.True(t, known)
		require.InDelta(t, power, slope, 1e-9)
	}
	_, known := exponent([]point{{1000, 1}, {10_000, 0}})
	require.False(t, known)
}

func TestACellSaysWhetherTheGoalIsReached(t *testing.T) {
	for want, cell := range map[string]string{
		"0.0008 ✓ (≤ 0.001)":     cell(0.0008, most(0.001)),
		"2,501 ✗ (≤ 2,500)":      cell(2500.9, most(2500)),
		"29,999 ✗ (≥ 30,000)":    cell(29_999, least(30_000)),
		"1,234,567 ✓ (≥ 30,000)": cell(1_234_567, least(30_000)),
		"0.0123":                 cell(0.01234, bound{}),
		"-97":                    cell(-97, bound{}),
		"200 ✓ (≤ 200)":          cell(200, most(200)),
	} {
		require.Equal(t, want, cell)
	}
}

func TestEveryGoalIsMeasured(t *testing.T) {
	known := make(map[string]suite.Measurement)
	for _, measurement := range append(suite.All(""), suite.Million()...) {
		known[measurement.Name] = measurement
	}
	for _, goal := range goals {
		measurement, measured := known[goal.measurement]
		require.True(t, measured, "%s: nobody measures %q", goal.what, goal.measurement)
		if goal.native.kind != none {
			require.Contains(t, measurement.Stores, member.Goredis, goal.what)
		}
		if goal.locks.kind != none {
			require.Contains(t, measurement.Stores, member.Redsync, goal.what)
			require.Contains(t, measurement.Stores, member.Redislock, goal.what)
		}
	}
}

func TestTheDocumentHoldsTablesAndCurves(t *testing.T) {
	var samples []suite.Sample
	for _, streams := range suite.GrowthSizes {
		samples = append(samples, suite.Sample{Measurement: suite.GrowthTo(streams), Store: member.Goredis, Run: 1, Figures: growthOf(float64(streams))})
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "benchmarks.md")
	require.NoError(t, Write(path, Conditions{Command: "make bench", RunsOfEach: 1}, samples))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, wanted := range []string{"make bench", "| takeover of all streams, CPU ms | 10 · 100 · 1,000 · 10,000 | 1 ✓ (≤ 1.05) |", "benchmarks/takeover.svg", "### " + suite.GrowthTo(1000)} {
		require.Contains(t, string(text), wanted)
	}
	picture, err := os.ReadFile(filepath.Join(folder, "benchmarks", "takeover.svg"))
	require.NoError(t, err)
	require.Contains(t, string(picture), "<svg")
}

// growthOf are figures of which the takeover alone grows, with the streams.
func growthOf(streams float64) measure.Figures {
	return measure.Figures{
		{Name: measure.CommandsSecond, Number: 8}, {Name: measure.ServerShare, Number: 0.2}, {Name: measure.ClientShare, Number: 0.2},
		{Name: measure.TakeoverCPU, Number: streams / 100}, {Name: measure.SweepRoundCPU, Number: 5},
		{Name: measure.ResidentEach, Number: 500}, {Name: measure.Goroutines, Number: 10}, {Name: measure.MemoryEach, Number: 500},
	}
}
