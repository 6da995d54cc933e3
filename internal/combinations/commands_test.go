package combinations_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/conformance"
)

// alone are combinations with one port on Redis: what its server was asked to
// do is what that port needs.
var alone = map[string]combination{
	"goredis source":   {source: "goredis", leases: "memory", notifier: "no"},
	"goredis leases":   {source: "memory", leases: "goredis", notifier: "no"},
	"goredis notifier": {source: "memory", leases: "memory", notifier: "goredis"},
	"redsync leases":   {source: "memory", leases: "redsync", notifier: "no"},
	"redislock leases": {source: "memory", leases: "redislock", notifier: "no"},
}

// notOurs are commands of the operator of these tests.
var notOurs = []string{"info", "keys"}

func TestThePortsNeedNoOtherCommandsThanTheyAreDocumentedToNeed(t *testing.T) {
	used := map[string][]string{}
	var mu sync.Mutex
	t.Run("ports", func(t *testing.T) {
		for port, c := range alone {
			t.Run(port, func(t *testing.T) {
				t.Parallel()
				c.servers = startServers(t, 1)
				conformance.Combination(t, c)
				commands := commandsOf(t, c.servers)
				mu.Lock()
				defer mu.Unlock()
				used[port] = commands
			})
		}
	})
	for port, commands := range used {
		for _, command := range commands {
			require.Contains(t, " "+documented+" ", " "+command+" ", "the %s uses a command that is not documented", port)
		}
	}
	if *rewrite {
		writeCommands(t, used)
	}
}

// documented are the commands that the packages of the adapters list.
const documented = "HELLO AUTH SELECT CLIENT EVALSHA EVAL GET SET DEL TYPE TIME " +
	"XADD XLEN XRANGE XDEL XACK XCLAIM XPENDING XREADGROUP XGROUP XINFO " +
	"HGET HMGET HGETALL HSET HDEL HEXISTS HLEN HINCRBY HSCAN EXISTS ZADD ZREM ZPOPMIN ZRANGEBYSCORE " +
	"ZSCORE ZCARD ZRANGE HSETNX SUBSCRIBE PUBLISH PING PTTL PEXPIRE GETRANGE"

// commandsOf are the commands that a server was asked for.
func commandsOf(t *testing.T, s *servers) (commands []string) {
	info, err := s.operators[0].Info(t.Context(), "commandstats").Result()
	require.NoError(t, err)
	for line := range strings.Lines(info) {
		name, is := strings.CutPrefix(line, "cmdstat_")
		name, _, _ = strings.Cut(name, ":")
		name, _, _ = strings.Cut(name, "|")
		if is && !slices.Contains(notOurs, name) && !slices.Contains(commands, strings.ToUpper(name)) {
			commands = append(commands, strings.ToUpper(name))
		}
	}
	slices.Sort(commands)
	return commands
}

// writeCommands puts the table at the end of the document.
func writeCommands(t *testing.T, used map[string][]string) {
	require.False(t, t.Failed(), "what failed is not written down")
	var text strings.Builder
	text.WriteString(commandsIntroduction)
	for _, port := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&text, "| %s | %s |\n", port, strings.Join(used[port], " "))
	}
	found, err := os.ReadFile(compatibilityPath)
	require.NoError(t, err)
	rest, _, _ := strings.Cut(string(found), commandsIntroduction)
	require.NoError(t, os.WriteFile(compatibilityPath, []byte(rest+text.String()), 0o644))
}

const commandsIntroduction = `
## What each port asks of its server

As the server counted (INFO commandstats) while that port alone was on it,
connections and the look at its rights included; INFO is used if it is allowed.

| port | commands |
| --- | --- |
`
