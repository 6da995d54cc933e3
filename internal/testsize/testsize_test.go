package testsize_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestPickFollowsTheEnvironment(t *testing.T) {
	for size, want := range map[string]int{"": 1, "small": 1, "long": 100} {
		t.Setenv("STREAMLEASE_TEST_SIZE", size)
		assert.Equal(t, want, testsize.Pick(1, 100), "size %q", size)
	}
}

func TestPickRefusesASizeThatItDoesNotKnow(t *testing.T) {
	t.Setenv("STREAMLEASE_TEST_SIZE", "lnog")
	assert.PanicsWithValue(t, `STREAMLEASE_TEST_SIZE is "lnog"; it must be small or long`, func() { testsize.Pick(1, 100) })
}
