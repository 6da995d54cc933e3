package conn_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAServiceNameThatWouldBreakTheKeysIsRefused(t *testing.T) {
	for _, service := range []string{"", "a\xff", strings.Repeat("x", conn.MaxServiceBytes+1), "a}b", "}", "{a}", "{}"} {
		_, err := conn.NewKeys(service)
		require.ErrorIs(t, err, core.ErrInvalid, "%.20q", service)
	}
}

func TestKeysAreWhatProducersAndTheDesignSay(t *testing.T) {
	keys, err := conn.NewKeys("orders")
	require.NoError(t, err)
	require.Equal(t, "orders-input", keys.Stream())
	require.Equal(t, "orders-group", keys.Group())
	require.Equal(t, "lbs-input", conn.Field)
	require.Equal(t, "{orders-input}:layout", keys.Layout())
	require.Equal(t, "{orders-input}:hints:3", keys.Hints(3))
}

// Redis itself says in which slot a key is.
func TestAllKeysOfAServiceAreInOneSlotAndDiffer(t *testing.T) {
	server := redistest.Start(t, "cluster-enabled yes", "cluster-node-timeout 1000", "cluster-port 0")
	raw := server.Client(t)
	for _, service := range []string{"orders", "a b\n\x00:*?[", "{", "a{b", "{{x", strings.Repeat("x", conn.MaxServiceBytes)} {
		keys, err := conn.NewKeys(service)
		require.NoError(t, err)
		slot, err := raw.ClusterKeySlot(t.Context(), keys.Stream()).Result()
		require.NoError(t, err)
		seen := map[string]bool{}
		for name, key := range allKeys(keys) {
			require.False(t, seen[key], name)
			seen[key] = true
			is, err := raw.ClusterKeySlot(t.Context(), key).Result()
			require.NoError(t, err)
			require.Equal(t, slot, is, "%s of %.20q", name, service)
		}
	}
}

// allKeys calls every method that returns a key.
func allKeys(keys conn.Keys) map[string]string {
	found := map[string]string{"Hints": keys.Hints(0)}
	value := reflect.ValueOf(keys)
	for i := range value.NumMethod() {
		method := value.Type().Method(i)
		if name := method.Name; method.Type.NumIn() == 1 && name != "Service" && name != "Group" && name != "Prefix" {
			found[name] = value.Method(i).Call(nil)[0].String()
		}
	}
	return found
}
