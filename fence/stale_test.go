package fence_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence"
)

func TestWhoIsRefusedIsDisowned(t *testing.T) {
	err := error(&fence.StaleError{Fence: "order-7", Token: 41, Highest: 42})
	assert.ErrorIs(t, err, streamlease.ErrDisowned)
	assert.EqualError(t, err, `the stream is no longer owned by this tenure: the fence "order-7" refuses token 41, it has seen 42`)
}

func TestARefusalWhoseHighestTokenNobodyKnowsSaysSo(t *testing.T) {
	assert.ErrorContains(t, &fence.StaleError{Fence: "order-7", Token: 41}, "refuses token 41, it has seen a higher one")
}

func TestARefusalShowsOnlyTheBeginningOfALongName(t *testing.T) {
	err := &fence.StaleError{Fence: strings.Repeat("a", 64<<10), Token: 41, Highest: 42}
	assert.Less(t, len(err.Error()), 1000)
}

func TestWhatIsNotPositiveIsNoToken(t *testing.T) {
	assert.NoError(t, fence.ValidateToken(1))
	for _, token := range []streamlease.Token{0, -1} {
		assert.ErrorIs(t, fence.ValidateToken(token), streamlease.ErrInvalid)
	}
}
