package redisfence_test

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
	"github.com/streamlease/streamlease/fence/redisfence"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestAZombieIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	_, err := fences.Do(t.Context(), fenceKey, older, set(totalKey, "of the older"))
	require.NoError(t, err)
	_, err = fences.Do(t.Context(), fenceKey, newer, set(totalKey, "of the newer"))
	require.NoError(t, err)

	_, err = fences.Do(t.Context(), fenceKey, older, set(totalKey, "of the zombie"))
	require.ErrorIs(t, err, streamlease.ErrDisowned)
	var stale *fence.StaleError
	require.ErrorAs(t, err, &stale)
	assert.Equal(t, fence.StaleError{Fence: fenceKey, Token: older, Highest: newer}, *stale)
	script := redisfence.NewScript(`return redis.call('SET', KEYS[1], 'of the zombie')`)
	_, err = fences.Run(t.Context(), fenceKey, older, script, []string{totalKey})
	require.ErrorIs(t, err, streamlease.ErrDisowned)
	assert.ErrorIs(t, fences.Raise(t.Context(), fenceKey, older), streamlease.ErrDisowned)

	assert.Equal(t, "of the newer", client.Get(t.Context(), totalKey).Val())
}

func TestAfterRaiseThePredecessorIsRefusedThoughTheSuccessorHasWrittenNothing(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	_, err := fences.Do(t.Context(), fenceKey, older, set(totalKey, 1))
	require.NoError(t, err)
	require.NoError(t, fences.Raise(t.Context(), fenceKey, newer))
	_, err = fences.Do(t.Context(), fenceKey, older, set(totalKey, 2))
	require.ErrorIs(t, err, streamlease.ErrDisowned)
	assert.Equal(t, "1", client.Get(t.Context(), totalKey).Val())
}

func TestOneTenureWritesAsOftenAsItLikes(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	for range 3 {
		_, err := fences.Do(t.Context(), fenceKey, newer, redisfence.Command{"INCR", redisfence.Key(totalKey)})
		require.NoError(t, err)
	}
	assert.Equal(t, "3", client.Get(t.Context(), totalKey).Val())
}

func TestEachFenceRemembersItsOwnToken(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	require.NoError(t, fences.Raise(t.Context(), fenceKey, newer))
	assert.NoError(t, fences.Raise(t.Context(), "{order-8}:fence", older))
}

func TestTokensAreComparedToTheLastDigit(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	for i, lower := range []streamlease.Token{
		1, 9, 99, 1<<53 - 1, 1 << 53, 1<<53 + 1,
		100_000_000_000_000 - 1, 100_000_000_000_000, older,
		1_000_000_000_000_000_000 - 1, math.MaxInt64 - 1,
	} {
		key := fmt.Sprint("fence-", i)
		require.NoError(t, fences.Raise(t.Context(), key, lower))
		require.NoError(t, fences.Raise(t.Context(), key, lower+1))
		err := fences.Raise(t.Context(), key, lower)
		var stale *fence.StaleError
		if assert.ErrorAs(t, err, &stale, "%d after %d", lower, lower+1) {
			assert.Equal(t, lower+1, stale.Highest)
		}
		assert.NoError(t, fences.Raise(t.Context(), key, lower+1))
	}
}

// The model of a fence is one line: a token passes if none was higher.
func TestNoOrderOfTokensLetsALowerOneThroughAfterAHigher(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		highest := map[string]streamlease.Token{}
		tokens := rapid.SliceOfN(rapid.Custom(drawToken), 1, 20).Draw(t, "tokens")
		for _, token := range tokens {
			name := fmt.Sprintf("{%d-%d}", round, rapid.IntRange(1, 2).Draw(t, "stream"))
			_, err := fences.Do(t.Context(), name+":fence", token, set(name+":data", int64(token)))
			if token < highest[name] {
				require.ErrorIs(t, err, streamlease.ErrDisowned)
			} else {
				require.NoError(t, err)
				highest[name] = token
			}
			require.Equal(t, strconv.FormatInt(int64(highest[name]), 10), client.Get(t.Context(), name+":data").Val())
		}
	})
}

// drawToken draws neighbours of any length: those are easiest to confuse.
func drawToken(t *rapid.T) streamlease.Token {
	near := rapid.SampledFrom([]core.Token{2, 10, 1_000, 1 << 53, 100_000_000_000_000, older, math.MaxInt64 - 1}).Draw(t, "near")
	return near + rapid.SampledFrom([]core.Token{-1, 0, 1}).Draw(t, "off")
}

func TestWhoWritesAtTheSameTimeNeverWritesAfterAHigherToken(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	owners, writes := 8, testsize.Pick(40, 1_000)
	var writing sync.WaitGroup
	for owner := range owners {
		token := older + streamlease.Token(owner)
		writing.Go(func() {
			for range writes {
				_, err := fences.Do(t.Context(), fenceKey, token, redisfence.Command{"RPUSH", redisfence.Key("{order-7}:log"), owner})
				if err != nil {
					assert.ErrorIs(t, err, streamlease.ErrDisowned)
				}
			}
		})
	}
	writing.Wait()
	written, err := client.LRange(t.Context(), "{order-7}:log", 0, -1).Result()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(written), writes, "the highest token is never refused")
	assert.IsNonDecreasing(t, written)
}
