package suite_test

import (
	"context"
	"errors"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/suite"
)

// carried is what a plan of three runs has run: measurement, store, run.
func carried(t *testing.T, plan suite.Plan) (ran []string) {
	fails := errors.New("it fails")
	run := func(context.Context, string) (measure.Figures, error) { return nil, fails }
	plan.Runs, plan.Progress = 3, io.Discard
	plan.Measurements = []suite.Measurement{
		{Name: "often", Stores: []string{"a", "b"}, OnceFor: []string{"b"}, Run: run},
		{Name: "once", Stores: []string{"a"}, Once: true, Run: run},
	}
	samples, err := plan.Carry(context.Background())
	require.NoError(t, err)
	for _, sample := range samples {
		require.ErrorIs(t, sample.Err, fails)
		ran = append(ran, sample.Measurement+" "+sample.Store)
	}
	return ran
}

func TestARunThatFailsStopsNoOther(t *testing.T) {
	require.Equal(t, []string{"often a", "often b", "once a", "often a", "often a"}, carried(t, suite.Plan{}))
}

func TestSomeRowsCanBeMeasuredAgain(t *testing.T) {
	require.Equal(t, []string{"often b"}, carried(t, suite.Plan{Only: regexp.MustCompile("often, b")}))
}

func TestWhenThereWasEnoughTimeNothingIsRepeated(t *testing.T) {
	require.Equal(t, []string{"often a", "often b", "once a"}, carried(t, suite.Plan{Enough: time.Nanosecond}))
}
