package simredis_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

// wanderer draws random commands, wrong ones too, over few keys of few names,
// so that they meet.
type wanderer struct{ *rand.Rand }

func (w wanderer) of(words ...string) string { return words[w.IntN(len(words))] }

func (w wanderer) key() string { return w.of("a", "b", "c", "d", "e") }

func (w wanderer) name() string {
	return w.of("x", "y", "z", "", "with space", "nul\x00nul", "\xff", "ünï", "10", "9")
}

func (w wanderer) score() string {
	return w.of("1", "2", "2.5", "-3", "1700000000000.5", "1795440002250600", "inf", "-inf", "0.1", "1e3", "x")
}

func (w wanderer) bound() string { return w.of("", "(") + w.score() }

func (w wanderer) id() string {
	return w.of("1-1", "1-2", "2-0", "3", "5-5", "17-1", "0-0", "x", "1-x")
}

func (w wanderer) end() string { return w.of("-", "+", w.id(), "("+w.id(), w.id()) }

func (w wanderer) number() string { return w.of("0", "1", "2", "3", "-1", "-2", "x", "100") }

// command draws one command.
func (w wanderer) command() []string {
	k := w.key()
	all := [][]string{
		{"GET", k}, {"SET", k, w.name()}, {"SET", k, w.name(), "NX"}, {"SET", k, w.name(), "XX", "GET"}, {"GETRANGE", k, w.number(), w.number()},
		{"DEL", k}, {"RENAME", k, w.key()}, {"DEL", k, w.key()}, {"EXISTS", k, w.key()}, {"TYPE", k}, {"PTTL", k}, {"PEXPIRE", k, w.of("0", "-1", "x")},
		{"HGET", k, w.name()}, {"HSET", k, w.name(), w.number()}, {"HSET", k, w.name()}, {"HSETNX", k, w.name(), w.name()},
		{"HMGET", k, w.name(), w.name()}, {"HDEL", k, w.name(), w.name()}, {"HLEN", k}, {"HEXISTS", k, w.name()},
		{"HINCRBY", k, w.name(), w.number()}, {"HSCAN", k, "0", "COUNT", "100"}, {"HGETALL", k},
		{"ZADD", k, w.score(), w.name()}, {"ZADD", k, w.of("NX", "XX"), w.score(), w.name(), w.score(), w.name()}, {"ZADD", k, w.score()},
		{"ZREM", k, w.name(), w.name()}, {"ZCARD", k}, {"ZSCORE", k, w.name()}, {"ZPOPMIN", k},
		{"ZRANGE", k, w.number(), w.number(), "WITHSCORES"}, {"ZRANGE", k, w.bound(), w.bound(), "BYSCORE", "LIMIT", w.of("0", "1"), w.number(), "WITHSCORES"},
		{"ZRANGEBYSCORE", k, w.bound(), w.bound(), "WITHSCORES", "LIMIT", "0", w.number()}, {"ZRANGEBYSCORE", k, w.bound(), w.bound()},
		{"XADD", k, w.id(), w.name(), w.name()}, {"XADD", k, w.id(), w.name()}, {"XLEN", k}, {"XDEL", k, w.id(), w.id()},
		{"XRANGE", k, w.end(), w.end()}, {"XRANGE", k, w.end(), w.end(), "COUNT", w.number()},
		{"XGROUP", "CREATE", k, w.of("g", "h"), w.of("0", "$", w.id()), "MKSTREAM"}, {"XGROUP", "CREATE", k, "g", "0"},
		{"XGROUP", "DESTROY", k, w.of("g", "h")}, {"XGROUP", "DELCONSUMER", k, "g", w.of("m", "n")},
		{"XREADGROUP", "GROUP", w.of("g", "h"), w.of("m", "n"), "COUNT", w.of("1", "2"), "STREAMS", k, ">"},
		{"XACK", k, "g", w.id(), w.id()}, {"XCLAIM", k, "g", w.of("m", "n"), "0", w.id(), w.id(), "JUSTID"},
		{"XCLAIM", k, "g", w.of("m", "n"), "0", w.id(), w.id(), "FORCE", "JUSTID"},
		{"TIME", "x"}, {"PING"}, {"PING", "x"}, {"NOSUCH", k, w.name()}, {"GET"}, {"HGET", k}, {"DBSIZE"}, {"KEYS", "*"}, {"WAIT", "1", "1"},
		{"CLIENT", "UNBLOCK", "77"}, {"CONFIG", "GET", "notify-keyspace-events"}, {"SELECT", "0"}, {"SCRIPT", "EXISTS", "f00"},
		{"PUBLISH", "nobody", "x"}, {"EVALSHA", "f00", "0"}, {"EVAL", "return 1", "x"}, {"EVAL", "return 1", "2", "a"},
	}
	return all[w.IntN(len(all))]
}

// unordered are the commands whose replies have no order of their own.
func unordered(command string) bool {
	return command == "KEYS" || command == "HGETALL" || command == "HSCAN"
}

func TestRandomCommandsAreAnsweredAsARealServerDoes(t *testing.T) {
	w := newTwins(t)
	draw := wanderer{rand.New(rand.NewPCG(1, 1))}
	for range testsize.Pick(3_000, 500_000) {
		words := draw.command()
		if unordered(words[0]) {
			_, real := w.askReal(words)
			simulated := w.askSimulated(words)
			require.Equal(t, sorted(real), sorted(simulated), "%q", words)
			continue
		}
		w.ask(words...)
		if len(w.differ) > 3000 {
			w.check()
		}
		w.comparePending(words)
	}
	w.check()
	t.Logf("%d requests", w.asked)
}

// comparePending compares what the commands do not answer in full: pending
// lists, but for the time that they have been there.
func (w *twins) comparePending(words []string) {
	if words[0] != "XCLAIM" && words[0] != "XREADGROUP" && words[0] != "XACK" && words[0] != "XDEL" {
		return
	}
	key, group := words[1], "g"
	if words[0] == "XREADGROUP" {
		key, group = words[len(words)-2], words[2]
	}
	require.Equal(w.t, w.pendingOf(w.askRealValue, key, group), w.pendingOf(w.askSimulated, key, group), "%q", words)
}

func (w *twins) askRealValue(words []string) any {
	_, value := w.askReal(words)
	return value
}

func (w *twins) pendingOf(ask func([]string) any, key, group string) any {
	listed := ask([]string{"XPENDING", key, group, "-", "+", "1000"})
	pending, is := listed.([]any)
	if !is {
		return fmt.Sprint(listed)
	}
	for _, one := range pending {
		one.([]any)[2] = "idle"
	}
	return append(pending, consumersOf(ask([]string{"XINFO", "CONSUMERS", key, group})))
}
