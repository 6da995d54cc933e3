package redisfence_test

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestOnAClusterAZombieIsRefusedOnEveryNode(t *testing.T) {
	t.Parallel()
	client := redistest.StartCluster(t, 3, 0).Client(t)
	fences := fencesOf(t, redisfence.Config{Client: client})
	for i := range 20 { // on all three
		fence, total := fmt.Sprintf("{order-%d}:fence", i), fmt.Sprintf("{order-%d}:total", i)
		_, err := fences.Do(t.Context(), fence, newer, set(total, 1), redisfence.Command{"INCR", redisfence.Key(total)})
		require.NoError(t, err)
		_, err = fences.Do(t.Context(), fence, older, set(total, "zombie"))
		require.ErrorIs(t, err, streamlease.ErrDisowned)
		assert.Equal(t, "2", client.Get(t.Context(), total).Val())
	}
	// The key alone is a tag too.
	script := redisfence.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`)
	_, err := fences.Run(t.Context(), "order-7", newer, script, []string{"{order-7}:total"}, 1)
	assert.NoError(t, err)

	_, err = fences.Do(t.Context(), "order-7:fence", newer, set("order-7:total", 1))
	require.ErrorIs(t, err, streamlease.ErrInvalid)
	assert.ErrorContains(t, err, `the key "order-7:total" may lie on another server than the fence "order-7:fence"`)
}

func TestKeysWithOtherTagsAreRefusedUnlessThereIsOneServer(t *testing.T) {
	t.Parallel()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"localhost:1"}})
	defer cluster.Close()
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"one": "localhost:1"}})
	defer ring.Close()
	for _, client := range []redis.UniversalClient{cluster, ring} {
		fences := fencesOf(t, redisfence.Config{Client: client})
		for fence, key := range map[string]string{
			"{a}:fence":  "{b}:total",
			"fence":      "total",
			"{}:fence":   "{}:total", // an empty tag is none
			"{a:fence":   "{a:total", // nor is one that does not end
			"x{a}{b}":    "{b}",      // the first one counts
			"}{a":        "a",
			"{{a}}fence": "{a}total", // this tag is "{a"
		} {
			_, err := fences.Do(t.Context(), fence, newer, set(key, 1))
			require.ErrorIs(t, err, streamlease.ErrInvalid, "%s and %s", fence, key)
			assert.ErrorContains(t, err, "hash tag")
		}
	}
	_, fences := onServer(t)
	_, err := fences.Do(t.Context(), "fence", newer, set("total", 1))
	assert.NoError(t, err)
}
