package suite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/suite"
)

func TestSamplesComeBackAsTheyWereSaved(t *testing.T) {
	samples := []suite.Sample{
		{Measurement: "m", Store: "s", Run: 2, Figures: measure.Figures{{Name: "f", Number: 0.1}}},
		{Measurement: "m", Store: "s", Run: 3, Err: errors.New("lost")},
	}
	path := filepath.Join(t.TempDir(), "samples.json")
	require.NoError(t, suite.Save(path, samples))
	loaded, err := suite.Load(path)
	require.NoError(t, err)
	require.Equal(t, samples, loaded)
}
