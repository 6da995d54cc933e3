package simredis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/simredis"
)

// bench is a simulated server with a clock that the test moves.
type bench struct {
	*simredis.Server
	now time.Time
}

func newBench() *bench {
	b := &bench{now: time.Unix(1_000_000, 0)}
	b.Server = simredis.NewServer(func() time.Time { return b.now })
	return b
}

// user is one connection, and what it was sent.
type user struct {
	*simredis.Client
	heard string
}

func (b *bench) user() *user {
	u := &user{}
	u.Client = b.Connect(func(reply []byte) { u.heard += string(reply) })
	return u
}

// ask does a command and returns what was heard since.
func (u *user) ask(words ...string) string {
	u.Do(words)
	return u.hears()
}

func (u *user) hears() string {
	heard := u.heard
	u.heard = ""
	return heard
}

func TestAReadWaitsUntilAnEntryComes(t *testing.T) {
	b := newBench()
	first, second, producer := b.user(), b.user(), b.user()
	require.Equal(t, "+OK\r\n", producer.ask("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"))
	require.Empty(t, first.ask("XREADGROUP", "GROUP", "g", "m", "COUNT", "1", "BLOCK", "1000", "STREAMS", "s", ">"))
	require.Empty(t, second.ask("XREADGROUP", "GROUP", "g", "n", "BLOCK", "2000", "STREAMS", "s", ">"))
	require.True(t, first.Waits())

	producer.ask("XADD", "s", "5-1", "f", "v")
	require.Equal(t, "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", first.hears(), "who came first is served")
	require.False(t, first.Waits())
	require.Empty(t, second.hears())

	at, waits := b.NextTimeout()
	require.True(t, waits)
	require.Equal(t, b.now.Add(2*time.Second), at)
	b.now = at
	b.EndWaits()
	require.Equal(t, "*-1\r\n", second.hears())
	_, waits = b.NextTimeout()
	require.False(t, waits)
}

func TestAWaitCanBeEndedFromOutside(t *testing.T) {
	b := newBench()
	reader, other := b.user(), b.user()
	other.ask("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
	require.Equal(t, ":1\r\n", reader.ask("CLIENT", "ID"))
	reader.ask("XREADGROUP", "GROUP", "g", "m", "BLOCK", "0", "STREAMS", "s", ">")
	require.Equal(t, ":1\r\n", other.ask("CLIENT", "UNBLOCK", "1"))
	require.Equal(t, "*-1\r\n", reader.hears())
	require.Equal(t, ":0\r\n", other.ask("CLIENT", "UNBLOCK", "1"))
}

func TestAWaitEndsWhenTheStreamOrItsGroupGoes(t *testing.T) {
	b := newBench()
	reader, other := b.user(), b.user()
	read := []string{"XREADGROUP", "GROUP", "g", "m", "BLOCK", "0", "STREAMS", "s", ">"}
	other.ask("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
	reader.ask(read...)
	other.ask("DEL", "s")
	require.Contains(t, reader.hears(), "-UNBLOCKED")
	other.ask("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
	reader.ask(read...)
	other.ask("XGROUP", "DESTROY", "s", "g")
	require.Contains(t, reader.hears(), "-NOGROUP")
}

func TestWhatIsPublishedIsHeardByThoseWhoSubscribed(t *testing.T) {
	b := newBench()
	listener, speaker := b.user(), b.user()
	require.Equal(t, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", listener.ask("SUBSCRIBE", "c"))
	require.Equal(t, "*2\r\n$4\r\npong\r\n$0\r\n\r\n", listener.ask("PING"))
	require.Equal(t, ":1\r\n", speaker.ask("PUBLISH", "c", "hello"))
	require.Equal(t, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n", listener.hears())
	listener.ask("UNSUBSCRIBE")
	require.Equal(t, ":0\r\n", speaker.ask("PUBLISH", "c", "hello"))
}

func TestAKeyThatExpiresIsAnnouncedWhenTheServerDeletesIt(t *testing.T) {
	b := newBench()
	listener, owner := b.user(), b.user()
	owner.ask("CONFIG", "SET", "notify-keyspace-events", "Ex")
	listener.ask("SUBSCRIBE", "__keyevent@0__:expired")
	listener.hears()
	owner.ask("SET", "lock", "me", "PX", "1500")
	require.Equal(t, ":1500\r\n", owner.ask("PTTL", "lock"))
	b.now = b.now.Add(1500 * time.Millisecond)
	require.Empty(t, listener.hears(), "nobody has looked yet")
	b.ExpireDue()
	require.Contains(t, listener.hears(), "lock")
	require.Equal(t, "$-1\r\n", owner.ask("GET", "lock"))
}

func TestAScriptSeesOneInstantAndTheServersClock(t *testing.T) {
	b := newBench()
	require.Equal(t, "*2\r\n$7\r\n1000000\r\n$1\r\n0\r\n", b.user().ask("EVAL", "return redis.call('TIME')", "0"))
}

func TestARestartForgetsScriptsAndKeepsTheDataGiven(t *testing.T) {
	b := newBench()
	u := b.user()
	u.ask("SET", "kept", "1")
	u.ask("HSET", "h", "f", "1")
	u.ask("ZADD", "z", "1", "m")
	u.ask("XADD", "s", "1-1", "f", "v")
	u.ask("XGROUP", "CREATE", "s", "g", "0")
	u.ask("XREADGROUP", "GROUP", "g", "m", "STREAMS", "s", ">")
	data := b.Copy()
	for _, later := range [][]string{{"SET", "lost", "1"}, {"HSET", "h", "f", "2"}, {"ZADD", "z", "2", "m"}, {"XACK", "s", "g", "1-1"}, {"XADD", "s", "2-1", "f", "v"}} {
		u.ask(later...)
	}
	u.ask("EVAL", "return 1", "0")
	b.Restart(data)
	require.True(t, u.Closed())
	require.Empty(t, u.ask("GET", "kept"), "the connection is cut")

	u = b.user()
	assert.Equal(t, "*4\r\n$1\r\nh\r\n$4\r\nkept\r\n$1\r\ns\r\n$1\r\nz\r\n", u.ask("KEYS", "*"))
	assert.Equal(t, "$1\r\n1\r\n", u.ask("HGET", "h", "f"))
	assert.Equal(t, "$1\r\n1\r\n", u.ask("ZSCORE", "z", "m"))
	assert.Equal(t, ":1\r\n", u.ask("XLEN", "s"))
	assert.Equal(t, ":1\r\n", u.ask("XACK", "s", "g", "1-1"))
	assert.Contains(t, u.ask("EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"), "-NOSCRIPT")
	b.Restart(data)
	assert.Equal(t, ":1\r\n", b.user().ask("XACK", "s", "g", "1-1"), "the copy is still what it was")
}

func TestAServerInDistressRefuses(t *testing.T) {
	b := newBench()
	u := b.user()
	takes, keeps, looks := "#!lua\nreturn 1", "#!lua flags=allow-oom\nreturn redis.call('SET', 'k', 'v')", "#!lua flags=no-writes\nreturn 2"
	b.Full = true
	require.Contains(t, u.ask("EVAL", takes, "0"), "-OOM")
	require.Equal(t, "+OK\r\n", u.ask("EVAL", keeps, "0"))
	require.Equal(t, ":2\r\n", u.ask("EVAL", looks, "0"))
	require.Contains(t, u.ask("SET", "k", "v"), "-OOM")
	require.Equal(t, ":1\r\n", u.ask("DEL", "k"))

	b.Full, b.ReadOnly = false, true
	require.Contains(t, u.ask("EVAL", keeps, "0"), "-READONLY")
	require.Equal(t, ":2\r\n", u.ask("EVAL", looks, "0"))
	require.Contains(t, u.ask("SET", "k", "v"), "-READONLY")
	require.Contains(t, u.ask("INFO"), "role:slave")

	b.ReadOnly, b.Loading = false, true
	require.Contains(t, u.ask("GET", "k"), "-LOADING")
	require.Equal(t, "+PONG\r\n", u.ask("PING"))
}

func TestTheNewerProtocolHasMapsAndPushes(t *testing.T) {
	b := newBench()
	u := b.user()
	require.Contains(t, u.ask("HELLO", "3"), "%7\r\n$6\r\nserver\r\n")
	u.ask("HSET", "h", "f", "v")
	require.Equal(t, "%1\r\n$1\r\nf\r\n$1\r\nv\r\n", u.ask("HGETALL", "h"))
	require.Equal(t, "_\r\n", u.ask("GET", "none"))
	require.Equal(t, ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", u.ask("SUBSCRIBE", "c"))
}

func TestARequestIsReadWhenItIsComplete(t *testing.T) {
	sent := fmt.Append(nil, "*2\r\n$3\r\nGET\r\n$2\r\na\n\r\n*1\r\n")
	for cut := range len(sent) {
		words, rest, err := simredis.ParseRequest(sent[:cut])
		require.NoError(t, err)
		if cut < len(sent)-4 {
			require.Nil(t, words, "after %d bytes", cut)
			require.Equal(t, sent[:cut], rest)
		} else {
			require.Equal(t, []string{"GET", "a\n"}, words)
		}
	}
	for _, nonsense := range []string{"GET a\r\n", "*x\r\n", "*-1\r\n", "*1\r\n+OK\r\n", "*1\r\n$-1\r\n", "\r\n"} {
		_, _, err := simredis.ParseRequest([]byte(nonsense))
		require.Error(t, err, "%q", nonsense)
	}
}
