package notify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

func TestALostSessionIsOneHintWhateverItHeld(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	began := time.Now()
	grant := f.open(short, "a", "b", "c")
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
	t.Logf("a session of %v was hinted %v after it was opened", short, time.Since(began))
	require.GreaterOrEqual(t, time.Since(began), short, "expiry is never early")
	require.Equal(t, []ports.Hint{gap, {Kind: ports.HintGrant, Grant: grant}}, w.heard())
	age := w.ages(ports.Hint{Kind: ports.HintGrant, Grant: grant})[0]
	require.Positive(t, age)
	require.LessOrEqual(t, age, time.Since(began)-short, "the hint is older than the expiry")
}

func TestASessionThatExpiredBeforeTheWatchBeganIsHinted(t *testing.T) {
	f := start(t)
	grant := f.open(time.Millisecond, "a")
	w := watch(t, f.notifier)
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
}

func TestASessionThatLeftSomethingBehindIsHintedAgainButRarely(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	grant := f.open(short, "a")
	hint := ports.Hint{Kind: ports.HintGrant, Grant: grant}
	w.await(hint)
	first := time.Now()
	w.awaitTimes(hint, 2)
	require.Greater(t, time.Since(first), time.Second)
	ages := w.ages(hint)
	require.Greater(t, ages[1], ages[0]+time.Second, "it tells of the same expiry")
}

func TestMoreExpiredSessionsThanFitIntoOneLookAreAllHinted(t *testing.T) {
	f := start(t)
	var grants []ports.GrantID
	for i := range 250 {
		grants = append(grants, f.open(time.Millisecond, fmt.Sprint("s", i)))
	}
	w := watch(t, f.notifier)
	for _, grant := range grants {
		w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
	}
}

func TestExpiredSessionsInWhichNothingIsLeftAreCollectedWithoutAHint(t *testing.T) {
	f := start(t)
	grant := f.open(short, "a")
	lease := ports.Lease{Ref: ports.StreamRef{Name: "a"}, Grant: grant}
	held, err := f.leases.Inspect(f.ctx(), []string{"a"})
	require.NoError(t, err)
	lease.Token = held[0].Holder.Lease.Token
	released, err := f.leases.Release(f.ctx(), []ports.ReleaseRequest{{Lease: lease}})
	require.NoError(t, err)
	require.True(t, released[0].Changed)

	w := watch(t, f.notifier)
	require.Eventually(t, func() bool {
		left, err := f.raw.Exists(f.ctx(), f.keys.Sessions(), f.keys.SessionStates()).Result()
		return err == nil && left == 0
	}, patience, 5*time.Millisecond, "an empty session is not collected")
	require.Zero(t, w.count(ports.Hint{Kind: ports.HintGrant, Grant: grant}))
}

func TestALiveSessionIsNeitherHintedNorCollected(t *testing.T) {
	f := start(t)
	grant := f.open(long, "a")
	w := watch(t, f.notifier)
	dead := f.open(short, "b")
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: dead})
	require.Zero(t, w.count(ports.Hint{Kind: ports.HintGrant, Grant: grant}))
	results, err := f.leases.Renew(f.ctx(), []ports.GrantID{grant}, long)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
}

func TestAFleetThatRenewsCostsOneLookForEachMemberAndPollInterval(t *testing.T) {
	f := start(t)
	c, err := conn.Open(f.raw, "orders")
	require.NoError(t, err)
	notifier := notify.New(c, notify.Config{PollEvery: 300 * time.Millisecond, PingAfter: time.Second})
	defer notifier.Close()
	f.open(long, "a")
	w := watch(t, notifier)
	w.await(gap)
	require.NoError(t, f.raw.ConfigResetStat(f.ctx()).Err())
	began := time.Now()
	calls := 0
	require.Eventually(t, func() bool {
		stats, err := f.raw.InfoMap(f.ctx(), "commandstats").Result()
		require.NoError(t, err)
		calls = 0
		_, _ = fmt.Sscanf(stats["Commandstats"]["cmdstat_evalsha"], "calls=%d,", &calls)
		return calls >= 5
	}, patience, 10*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(began), 4*300*time.Millisecond, "%d looks", calls)
}
