package notify_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

func TestPublishReachesEveryWatchTheCallersOwnIncludedAsItIs(t *testing.T) {
	f := start(t)
	var grant ports.GrantID
	_, _ = rand.Read(grant[:])
	hints := []ports.Hint{
		{Kind: ports.HintName, Ref: ports.StreamRef{Name: "a:b\x00<&>\n\"'*"}},
		{Kind: ports.HintRef, Ref: ports.StreamRef{Name: "ключ ", MessageID: "1-1"}},
		{Kind: ports.HintGrant, Grant: grant},
		{Kind: ports.HintHandOff, Ref: ports.StreamRef{Name: strings.Repeat("\x00", ports.MaxNameBytes), MessageID: "2-1"}},
		gap,
	}
	watchers := []*watcher{watch(t, f.notifier), watch(t, f.notifier)}
	for _, w := range watchers {
		w.await(gap)
	}
	require.NoError(t, f.notifier.Publish(f.ctx(), hints))
	for _, w := range watchers {
		w.awaitTimes(gap, 2)
		require.Equal(t, append([]ports.Hint{gap}, hints...), w.heard())
	}
}

func TestPublishMayBeAHugeBatchOrNone(t *testing.T) {
	f := start(t)
	hints := make([]ports.Hint, 5000)
	for i := range hints {
		hints[i] = ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: fmt.Sprintf("%d%s", i, strings.Repeat("x", 1000))}}
	}
	require.NoError(t, f.notifier.Publish(f.ctx(), nil))
	// On a slow machine a connection may have to be made again: hints may be
	// missed then, as the gap says.
	var w *watcher
	for again := true; again; again = w.count(gap) > 1 {
		w = watch(t, f.notifier)
		w.await(gap)
		require.NoError(t, f.notifier.Publish(f.ctx(), hints))
		w.await(hints[len(hints)-1])
	}
	require.Equal(t, append([]ports.Hint{gap}, hints...), w.heard())
}

func TestAHintThatCannotBeWrittenIsAnErrorAndTheOthersAreSent(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	good := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "good"}}
	err := f.notifier.Publish(f.ctx(), []ports.Hint{{Kind: ports.HintName, Ref: ports.StreamRef{Name: "a\xff"}}, {}, good})
	require.ErrorIs(t, err, ports.ErrInvalid)
	w.await(good)
	require.Equal(t, []ports.Hint{gap, good}, w.heard())
}

func TestMessagesOfSomebodyElseAreIgnored(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	channel := f.keys.Hints(0)
	for _, message := range []string{
		"", "x", "null", "{}", "[", "[1,null,\"x\",[],{}]", `[{"kind":"name"}]`, `[{"kind":"name","name":7}]`,
		`[{"kind":"grant","grant":"xyz"}]`, `[{"kind":"grant"}]`, `[{"kind":"later","name":"a"}]`,
		`[{"kind":"ref","name":"a"}]`, "[{\"kind\":\"name\",\"name\":\"\xff\"}]",
		strings.Repeat("[", 100_000), strings.Repeat("x", 10<<20),
		`[{"kind":"name","name":"` + strings.Repeat("n", ports.MaxNameBytes+1) + `"}]`,
		`[{"kind":"name","name":"good","later":true},{"kind":"later"}]`,
	} {
		require.NoError(t, f.raw.Publish(f.ctx(), channel, message).Err())
	}
	good := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "good"}}
	w.await(good)
	require.Equal(t, []ports.Hint{gap, good}, w.heard())
}

func TestServicesAndDatabasesDoNotHearEachOther(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	publish := func(service string, database int, name string) {
		c, err := conn.Open(f.server.Client(t, func(options *redis.Options) { options.DB = database }), service)
		require.NoError(t, err)
		other := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: time.Second})
		defer other.Close()
		require.NoError(t, other.Publish(f.ctx(), []ports.Hint{{Kind: ports.HintName, Ref: ports.StreamRef{Name: name}}}))
	}
	publish("orders", 3, "database")
	publish("orders-2", 0, "service")
	publish("order", 0, "service")
	publish("orders", 0, "ours")
	ours := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "ours"}}
	w.await(ours)
	require.Equal(t, []ports.Hint{gap, ours}, w.heard())
}

func TestPublishTellsWhatWasRefused(t *testing.T) {
	f := start(t)
	require.NoError(t, f.raw.Do(f.ctx(), "ACL", "SETUSER", "default", "resetchannels").Err())
	err := f.notifier.Publish(f.ctx(), []ports.Hint{gap})
	require.ErrorIs(t, err, ports.ErrRefused)
	_, err = f.notifier.Check(f.ctx())
	require.ErrorIs(t, err, ports.ErrRefused)
}
