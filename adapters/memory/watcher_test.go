package memory

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestAnEndedWatchLeavesNothingBehind(t *testing.T) {
	notifier, err := NewNotifier(Config{}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, notifier.Watch(ctx, func([]ports.Hint) { cancel() }))
	require.Empty(t, notifier.watchers)
}
