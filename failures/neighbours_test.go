package failures_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestTwoClientsOfOneServiceInOneProcessAreTwoMembers(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second})
	one, other := s.startResident(), s.startResident()
	refs := s.announceMore(testsize.Pick(40, 1_000))
	s.await("each stream has one owner", func() error { return ownedOnce(refs, one, other) })
	theirs, ours := one.owned(), other.owned()
	require.NotEmpty(t, theirs)
	require.NotEmpty(t, ours)

	for ref, stream := range theirs {
		require.ErrorIs(t, other.client.DoneStream(t.Context(), ref.Name), streamlease.ErrNotOwned)
		require.NoError(t, context.Cause(stream.Context()), "%v, after another client's Done", ref)
	}
	for ref, stream := range ours {
		require.NoError(t, context.Cause(stream.Context()), "%v", ref)
	}
	one.close()
	s.await("the other client owns all streams", func() error { return ownedOnce(refs, other) })
	for ref, stream := range theirs {
		assert.ErrorIs(t, context.Cause(stream.Context()), streamlease.ErrClosed, "%v, after its client has closed", ref)
	}
	for ref, stream := range ours {
		assert.NoError(t, context.Cause(stream.Context()), "%v, after another client has closed", ref)
	}
	assert.Empty(t, other.losses(), "what the other client heard of losses")

	require.NoError(t, other.client.Done(t.Context()))
	require.NoError(t, s.nothingLeft())
}

// ownedOnce is what is missing until each stream is owned by one of the clients.
func ownedOnce(refs []streamlease.StreamRef, residents ...*resident) error {
	owners := map[streamlease.StreamRef]int{}
	for _, resident := range residents {
		for ref := range resident.owned() {
			owners[ref]++
		}
	}
	for _, ref := range refs {
		if owners[ref] != 1 {
			return fmt.Errorf("%v has %d owners", ref, owners[ref])
		}
	}
	return nil
}
