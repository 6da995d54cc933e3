package endtoend_test

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:embed effect.lua
var effectSource string

var effect = redis.NewScript(effectSource)

func resourceKeys(name string) []string { return []string{"stream:" + name, "tenures:" + name} }

// outcome is what became of the messages of all streams.
type outcome struct {
	tenures, repeated, refused int
}

// judge compares what was processed with what was produced.
func judge(t *testing.T, resource *redis.Client, names []string, messages int) outcome {
	t.Helper()
	var sum outcome
	for _, name := range names {
		keys := resourceKeys(name)
		stream, err := resource.HGetAll(t.Context(), keys[0]).Result()
		require.NoError(t, err)
		assert.Equal(t, messages, number(t, stream["last"]), "the last message of %s that was processed", name)
		assert.Equal(t, messages, number(t, stream["effects"]), "effects on %s: each message has one", name)
		assert.Zero(t, number(t, stream["gaps"]), "messages of %s that were skipped, or out of order", name)
		sum.refused += number(t, stream["refused"])

		tenures, err := resource.HGetAll(t.Context(), keys[1]).Result()
		require.NoError(t, err)
		for field, value := range tenures {
			token, isRepetition := strings.CutPrefix(field, "repeated by ")
			if !isRepetition {
				sum.tenures++
				continue
			}
			repeated := number(t, value)
			assert.LessOrEqual(t, repeated, saveEvery, "messages of %s that the tenure with token %s repeated", name, token)
			sum.repeated += repeated
		}
	}
	return sum
}

// number reads what Redis counted; nothing is 0.
func number(t *testing.T, text string) int {
	t.Helper()
	if text == "" {
		return 0
	}
	value, err := strconv.Atoi(text)
	require.NoError(t, err)
	return value
}
