package streamlease

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Looks are counted, not time: a process that was frozen for an hour has looked
// once.
func TestAHandlerIsStuckAtTheFifthLookWithoutProgress(t *testing.T) {
	crew := newCrew()
	stream := &Stream{}
	j := crew.join(stream)
	for range 3 {
		stream.Progress()
		for range looks {
			require.Empty(t, crew.stuck(), "there was progress before the first of these looks")
		}
	}
	require.Equal(t, []*job{j}, crew.stuck())
	require.Equal(t, []*job{j}, crew.stuck(), "it stays so, until the settlement is answered")
	crew.handlerReturned(j)
	require.Empty(t, crew.stuck())
}

func TestWhoseContextHasEndedIsNotTakenToBeStuck(t *testing.T) {
	crew := newCrew()
	stream := &Stream{}
	crew.join(stream)
	stream.endContext(ErrDisowned)
	for range 2 * looks {
		require.Empty(t, crew.stuck())
	}
}
