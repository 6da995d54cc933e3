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

// port is one that is alone on its server: what the server was asked to do is
// what that port needs.
type port struct {
	alone combination
	// commands are those that its package lists for it, in the file.
	commands, file string
	// channels are those that it needs beside the service's own, as patterns.
	channels []string
}

const (
	goredisDocumentation   = "../../adapters/goredis/doc.go"
	redsyncDocumentation   = "../../adapters/redsync/doc.go"
	redislockDocumentation = "../../adapters/redislock/doc.go"

	commandsOfLocks = "EVALSHA EVAL GET SET DEL TYPE TIME PTTL PEXPIRE GETRANGE HGET HSET HSETNX HDEL ZADD ZREM ZSCORE ZRANGE"
	commandsOfHints = "SUBSCRIBE PUBLISH PING"
	// CONFIG sets the flags of key events.
	commandsOfKeyEvents = commandsOfLocks + " " + commandsOfHints + " CONFIG"
)

// channelsOfKeyEvents are where a server says of its database 0 what is gone.
var channelsOfKeyEvents = []string{"__keyevent@0__:expired", "__keyevent@0__:evicted"}

var portsAlone = map[string]port{
	"goredis source": {
		combination{source: "goredis", leases: "memory", notifier: "no"},
		"EVALSHA EVAL GET SET DEL TYPE TIME " +
			"XADD XLEN XRANGE XDEL XACK XCLAIM XPENDING XREADGROUP XGROUP XINFO " +
			"HGET HMGET HGETALL HSET HDEL HEXISTS HLEN HINCRBY HSCAN EXISTS ZADD ZREM ZPOPMIN ZRANGEBYSCORE",
		goredisDocumentation, nil,
	},
	"goredis leases": {
		combination{source: "memory", leases: "goredis", notifier: "no"},
		"EVALSHA EVAL GET SET DEL TYPE TIME ZADD ZREM ZSCORE ZCARD ZRANGE HGET HMGET HSET HSETNX HDEL HEXISTS",
		goredisDocumentation, nil,
	},
	"goredis notifier": {
		combination{source: "memory", leases: "memory", notifier: "goredis"},
		"EVALSHA EVAL GET SET DEL TIME ZRANGE ZCARD ZREM HDEL " + commandsOfHints,
		goredisDocumentation, nil,
	},
	"redsync leases": {
		combination{source: "memory", leases: "redsync", notifier: "no"},
		commandsOfLocks, redsyncDocumentation, nil,
	},
	"redsync leases and notifier": {
		combination{source: "memory", leases: "redsync", notifier: "deadline index"},
		commandsOfLocks + " " + commandsOfHints, redsyncDocumentation, nil,
	},
	"redsync leases and notifier, with key events": {
		combination{source: "memory", leases: "redsync", notifier: "keyspace"},
		commandsOfKeyEvents, redsyncDocumentation, channelsOfKeyEvents,
	},
	"redislock leases": {
		combination{source: "memory", leases: "redislock", notifier: "no"},
		commandsOfLocks, redislockDocumentation, nil,
	},
	"redislock leases and notifier": {
		combination{source: "memory", leases: "redislock", notifier: "deadline index"},
		commandsOfLocks + " " + commandsOfHints, redislockDocumentation, nil,
	},
	"redislock leases and notifier, with key events": {
		combination{source: "memory", leases: "redislock", notifier: "keyspace"},
		commandsOfKeyEvents, redislockDocumentation, channelsOfKeyEvents,
	},
}

// ofConnections open every connection of go-redis.
const ofConnections = "HELLO AUTH SELECT CLIENT"

// ofOperators are commands of the operator of these tests: they count for those
// ports only that list them. INFO is also asked by ports that live without the
// answer.
var ofOperators = []string{"INFO", "KEYS", "PING", "CONFIG", "ACL"}

// TestEachPortNeedsTheCommandsThatItsPackageListsAndNoOther has a user with
// exactly these rights do all of it.
func TestEachPortNeedsTheCommandsThatItsPackageListsAndNoOther(t *testing.T) {
	used := map[string][]string{}
	var mu sync.Mutex
	t.Run("ports", func(t *testing.T) {
		for name, port := range portsAlone {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				requireListed(t, port)
				port.alone.servers = withRights(t, ofConnections+" "+port.commands, port.channels...)
				conformance.Combination(t, port.alone)
				requireNothingDenied(t, port.alone.servers)
				listed := strings.Fields(port.commands)
				commands := slices.DeleteFunc(commandsOf(t, port.alone.servers), func(command string) bool {
					return slices.Contains(ofOperators, command) && !slices.Contains(listed, command)
				})
				require.Subset(t, commands, listed, "a command is listed and not needed")
				mu.Lock()
				defer mu.Unlock()
				used[name] = commands
			})
		}
	})
	if *rewrite {
		writeCommands(t, used)
	}
}

// requireNothingDenied wants the server to have refused nothing but INFO: a port
// that lives without something would not show it.
func requireNothingDenied(t *testing.T, s *servers) {
	t.Helper()
	const many = 100
	denied, err := s.operators[0].ACLLog(t.Context(), many).Result()
	require.NoError(t, err)
	for _, one := range denied {
		require.Equal(t, "info", one.Object, "the server denied it for its %s", one.Reason)
	}
}

// requireListed wants the package to list what the port needs.
func requireListed(t *testing.T, port port) {
	t.Helper()
	documentation, err := os.ReadFile(port.file)
	require.NoError(t, err)
	words := strings.FieldsFunc(string(documentation), func(r rune) bool { return r < 'A' || r > 'Z' })
	require.Subset(t, words, strings.Fields(port.commands), "%s does not list them", port.file)
}

// commandsOf are the commands that a server was asked for.
func commandsOf(t *testing.T, s *servers) (commands []string) {
	info, err := s.operators[0].Info(t.Context(), "commandstats").Result()
	require.NoError(t, err)
	for line := range strings.Lines(info) {
		name, is := strings.CutPrefix(line, "cmdstat_")
		name, _, _ = strings.Cut(name, ":")
		name, _, _ = strings.Cut(name, "|")
		name = strings.ToUpper(name)
		if is && !slices.Contains(commands, name) {
			commands = append(commands, name)
		}
	}
	slices.Sort(commands)
	return commands
}

// writeCommands puts the table at the end of the document.
func writeCommands(t *testing.T, used map[string][]string) {
	require.False(t, t.Failed(), "what failed is not written down")
	var text strings.Builder
	text.WriteString(commandsTitle + commandsIntroduction)
	for _, port := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&text, "| %s | %s |\n", port, strings.Join(used[port], " "))
	}
	found, err := os.ReadFile(compatibilityPath)
	require.NoError(t, err)
	rest, _, _ := strings.Cut(string(found), commandsTitle)
	require.NoError(t, os.WriteFile(compatibilityPath, []byte(rest+text.String()), 0o644))
}

const commandsTitle = "\n## What each port asks of its server\n"

const commandsIntroduction = `
As the server counted (INFO commandstats) while that port alone was on it,
connections and the look at its rights included. Its user had the right to these
commands and to no other; INFO is used if it is allowed. Key events need the
channels __keyevent@<database>__:expired and :evicted, too.

| port | commands |
| --- | --- |
`
