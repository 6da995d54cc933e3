package main

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongUseIsExplained(t *testing.T) {
	t.Setenv("STREAMLEASE_SERVICE", "orders")
	for _, row := range []struct {
		arguments []string
		says      string
	}{
		{nil, "streamlease: expected one of \"ls\", "},
		{[]string{"lss"}, "streamlease: unexpected argument lss; the nearest is ls\n  streamlease lss\n              ^^^\nTry: streamlease --help\n"},
		{[]string{"quarantine", "requeu"}, "the nearest is requeue"},
		{[]string{"ls", "--sate", "owned"}, "unknown flag --sate; the nearest is --state"},
		{[]string{"ls", "--state", "ownd"}, `"ownd" is no state; the nearest is "owned"`},
		{[]string{"ls", "--limit=-1"}, "--limit: -1 is less than none"},
		{[]string{"ls", "--watch", "--every", "1ms"}, "--every: 1ms is too often"},
		{[]string{"ls", "--service", ""}, "name the service: --service NAME, or $STREAMLEASE_SERVICE"},
		{[]string{"ls", "--url", "localhost"}, "is no URL of a server"},
		{[]string{"ls", "--url", "redis://me:hush@localhost"}, "the password in redis://me:xxxxx@localhost is to be seen by everybody"},
		{[]string{"ls", "--lease-url=redis://me:hush@localhost", "--lease=redsync"}, "is to be seen by everybody"},
		{[]string{"ls", "--lease", "redsink"}, "--lease must be one of"},
		{[]string{"ls", "--lease-url", "redis://a"}, "--lease-url: the leases of goredis are on the server of --url"},
		{[]string{"ls", "--lease=redsync", "--lease-url=redis://a", "--lease-url=redis://b"}, "three at least"},
		{[]string{"ls", "--lease=redislock", "--lease-url=redis://a", "--lease-url=redis://b"}, "on one server"},
		{[]string{"ls", "--cluster", "--sentinel", "a:1"}, "--cluster and --sentinel"},
		{[]string{"ls", "--cluster", "--url", "redis://a/3"}, "a cluster has database 0 only"},
		{[]string{"ls", "--tls-cert", "x"}, "--tls-cert and --tls-key go together"},
		{[]string{"ls", "--tls-ca", "x"}, "write it as rediss://"},
		{[]string{"ls", "--tls-ca", "/nowhere", "--url", "rediss://a"}, "--tls-ca: open /nowhere: no such file"},
		{[]string{"ls", "--password-file", "/nowhere"}, "--password-file: open /nowhere: no such file"},
		{[]string{"quarantine", "drop"}, "say which"},
		{[]string{"quarantine", "drop", "x", "--all"}, "--all: name some, or take all of them"},
		{[]string{"quarantine", "drop", "--prefix", "x"}, "--prefix goes with --all"},
		{[]string{"announce", "a", "--info", "[]"}, "--info: "},
	} {
		got := call(row.arguments...)
		assert.Equal(t, misused, got.status, row.arguments)
		assert.Contains(t, got.complaints, row.says, row.arguments)
		assert.NotContains(t, got.complaints, "hush")
		assert.Empty(t, got.out, row.arguments)
	}
}

var example = regexp.MustCompile(`(?m)^    streamlease (.*?)( >.*)?$`)

func TestHelpHasExamplesThatAreUnderstood(t *testing.T) {
	for _, command := range []string{"ls", "members", "show", "announce", "handoff", "quarantine ls", "quarantine show", "quarantine requeue", "quarantine drop", "purge", "doctor", "completion"} {
		got := call(append(strings.Fields(command), "--help")...)
		require.Equal(t, well, got.status, command)
		examples := example.FindAllStringSubmatch(got.out, -1)
		require.NotEmpty(t, examples, "the help of %s has no example", command)
		for _, found := range examples {
			_, err := newProgram(io.Discard, io.Discard).Parser().Parse(strings.Fields(found[1]))
			assert.NoError(t, err, found[0])
		}
	}
}

func TestWordsAreCompleted(t *testing.T) {
	require.Contains(t, call("complete-words", "--").out, "quarantine\n")
	require.NotContains(t, call("complete-words", "--").out, "complete-words\n")
	require.Contains(t, call("complete-words", "--", "quarantine").out, "requeue\n")
	require.Contains(t, call("complete-words", "--", "ls").out, "--watch\n")
	require.Equal(t, "goredis\nredsync\nredislock\n", call("complete-words", "--", "ls", "--lease").out)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		require.Contains(t, ok(t, "completion", shell), "complete-words")
	}
}

func TestTextsAreWrittenAsPeopleKnowThem(t *testing.T) {
	for want, duration := range map[string]time.Duration{
		"0s": -time.Second, "1.5s": 1540 * time.Millisecond, "45s": 45 * time.Second, "2m": 2 * time.Minute, "3m10s": 190 * time.Second,
		"59m": 59 * time.Minute, "5h1m": 5*time.Hour + time.Minute, "30h": 30 * time.Hour, "3d2h": 74 * time.Hour, "12d": 300 * time.Hour,
	} {
		assert.Equal(t, want, age(duration))
	}
	assert.Equal(t, "1,234,567", grouped(1234567))
	assert.Equal(t, "-123", grouped(-123))
	assert.Equal(t, `"esc\x1b[2J"`, printable("esc\x1b[2J"))
	assert.Equal(t, `"a b"`, printable("a b"))
	assert.Equal(t, "größe", printable("größe"))
	assert.Len(t, []rune(shortened(strings.Repeat("x", 200))), longest)
}
