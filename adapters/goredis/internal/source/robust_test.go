package source

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// life calls every method, through everything that becomes of an assignment.
func (f *fixture) life() {
	f.t.Helper()
	f.beat(alice)
	refs := f.announce("done", "handed off", "failed", "quarantined", "stolen")
	malformed := f.addRaw("lbs-input", "junk")
	require.Equal(f.t, refs, refsOf(f.fetch(alice, 10).Assignments))
	for _, ref := range refs {
		require.NoError(f.t, f.take(alice, ref, 7).Err)
	}
	require.Len(f.t, f.deliveries(alice).Deliveries, 5)
	require.NoError(f.t, f.take(bob, refs[4], 8).Err)
	require.NoError(f.t, f.take(carol, refs[4], 9).Err)
	for i, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		require.NoError(f.t, f.end(alice, refs[i], 7, outcome).Err)
	}
	page := f.sweep(sweepAll)
	require.ElementsMatch(f.t, refs[1:3], sweptRefs(page.Due))
	require.Equal(f.t, refs[4:], sweptRefs(page.Round))
	answer := f.fetchInBackground(f.ctx, bob, patience)
	last := f.announce("last")[0]
	result := <-answer
	require.NoError(f.t, result.err)
	require.Equal(f.t, []ports.StreamRef{last}, refsOf(result.fetched.Assignments))
	for _, ref := range []ports.StreamRef{refs[1], refs[2], refs[4], last} {
		require.NoError(f.t, f.take(bob, ref, 20).Err)
		require.NoError(f.t, f.end(bob, ref, 20, ports.Done).Err)
	}
	f.quarantined(malformed)
	f.quarantined(refs[3].MessageID)
	f.beatWith(ports.Beat{Member: alice, Leaving: true})
	f.beatWith(ports.Beat{Member: bob, Leaving: true})
}

func TestTheWholeLifeInAnotherDatabase(t *testing.T) {
	server := redistest.Start(t)
	f := newFixtureOn(t, server, func(options *redis.Options) { options.DB = 3 })
	f.redis = server.Client(t, func(options *redis.Options) { options.DB = 3 })
	_, err := f.Check(f.ctx)
	require.NoError(t, err)
	f.life()
	require.Zero(t, server.Client(t).DBSize(f.ctx).Val())
}

func TestTheWholeLifeOnACluster(t *testing.T) {
	f := newFixtureFor(t, redistest.StartCluster(t, 3, 0).Client(t))
	_, err := f.Check(f.ctx)
	require.NoError(t, err)
	f.life()
}

func TestTheWholeLifeWithBothProtocols(t *testing.T) {
	for _, protocol := range []int{2, 3} {
		f := newFixtureOn(t, redistest.Start(t), func(options *redis.Options) { options.Protocol = protocol })
		f.life()
	}
}

// TestTheRightsThatCheckTriesAreEnough runs everything as a user that may do
// only what Check asks for, and what it asks for before that.
func TestTheRightsThatCheckTriesAreEnough(t *testing.T) {
	admin := newFixture(t)
	rule := []any{"ACL", "SETUSER", "least", "on", ">secret", "~orders-input", "~{orders-input}:*", "-@all",
		"+hello", "+info", "+client|id", "+client|unblock", "+eval", "+evalsha", "+del", "+set"}
	for _, command := range Rights {
		name := fmt.Sprint("+", command[0])
		if command[0] == "XGROUP" || command[0] == "XINFO" {
			name += fmt.Sprint("|", command[1])
		}
		rule = append(rule, name)
	}
	require.NoError(t, admin.redis.Do(admin.ctx, rule...).Err())
	f := newFixtureOn(t, admin.server, func(options *redis.Options) {
		options.Username, options.Password = "least", "secret"
	})
	warnings, err := f.Check(f.ctx)
	require.NoError(t, err)
	require.Empty(t, warnings)
	f.life()
	require.NoError(t, f.redis.XGroupDestroy(f.ctx, f.conn.Stream(), f.conn.Group()).Err())
	f.owned(alice, "s", 7)
	require.NoError(t, f.redis.XGroupDestroy(f.ctx, f.conn.Stream(), f.conn.Group()).Err())
	require.Len(t, f.deliveries(alice).Deliveries, 1)
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	f := newFixture(t)
	warnings, err := f.Check(f.ctx)
	require.NoError(t, err)
	require.Empty(t, warnings)
	for key := range Types(f.conn.Keys) {
		require.NoError(t, f.redis.FlushAll(f.ctx).Err())
		require.NoError(t, f.redis.Set(f.ctx, key, "x", 0).Err())
		_, err := f.Check(f.ctx)
		require.ErrorIs(t, err, ports.ErrRefused, key)
		require.ErrorContains(t, err, key)
	}
}

func TestAKeyThatIsDeletedUnderALiveOwnerHarmsNobodyForLong(t *testing.T) {
	keys, err := conn.NewKeys("orders")
	require.NoError(t, err)
	for _, key := range []string{
		keys.Stream(), keys.Records(), keys.Endings(), keys.Due(), keys.Sweep(), keys.Fleet(),
		keys.Quarantine(), keys.QuarantineOrder(), keys.QuarantineState(), keys.Layout(),
	} {
		t.Run(key, func(t *testing.T) {
			f := newFixture(t)
			f.beat(alice)
			refs := f.announce("owned", "given back", "undelivered")
			f.fetch(alice, 2)
			f.take(alice, refs[0], 7)
			f.take(alice, refs[1], 7)
			f.end(alice, refs[1], 7, ports.Failed)
			f.sweep(sweepAll)
			require.NoError(t, f.redis.Del(f.ctx, key).Err())

			fleet := f.beat(alice)
			require.Len(t, fleet.Members, 1)
			again := f.take(alice, refs[0], 7)
			if key == keys.Stream() {
				require.ErrorIs(t, again.Err, ports.ErrLost)
			} else {
				require.NoError(t, again.Err)
				require.Equal(t, ports.Tally{Change: again.Taken.Change, Count: 1}, f.deliveries(alice).Taken)
				require.NoError(t, f.end(alice, refs[0], 7, ports.Done).Err)
			}
			require.Zero(t, f.beat(alice).Taken.Count)
			f.finishEverything()
			require.Zero(t, f.redis.XLen(f.ctx, keys.Stream()).Val())
		})
	}
}

// finishEverything takes and ends whatever Fetch and Sweep find, until they find
// nothing.
func (f *fixture) finishEverything() {
	f.t.Helper()
	for token := ports.Token(100); ; token++ {
		found := refsOf(f.fetch(bob, 100).Assignments)
		page := f.sweep(sweepAll)
		found = append(append(found, sweptRefs(page.Due)...), sweptRefs(page.Round)...)
		if len(found) == 0 {
			return
		}
		for _, ref := range found {
			if f.take(bob, ref, token).Err == nil {
				require.NoError(f.t, f.end(bob, ref, token, ports.Done).Err)
			}
		}
	}
}

func TestTheQuarantineIsBoundedAndCountsWhatItLetGo(t *testing.T) {
	f := newFixture(t)
	const kept, page = 100_000, 1000
	fill := redis.NewScript(`for i = ARGV[1], ARGV[2] do
		redis.call('HSET', KEYS[1], '0-' .. i, 'x')
		redis.call('ZADD', KEYS[2], i, '0-' .. i)
	end
	return 1`)
	for first := 1; first < kept; first += page {
		last := min(first+page, kept) - 1
		require.NoError(t, fill.Run(f.ctx, f.redis, []string{f.conn.Quarantine(), f.conn.QuarantineOrder()}, first, last).Err())
	}
	var ids []string
	for range 4 {
		ids = append(ids, f.addRaw("lbs-input", "junk"))
	}
	f.fetch(alice, 10)
	require.EqualValues(t, kept, f.redis.HLen(f.ctx, f.conn.Quarantine()).Val())
	require.EqualValues(t, kept, f.redis.ZCard(f.ctx, f.conn.QuarantineOrder()).Val())
	require.Equal(t, "3", f.redis.HGet(f.ctx, f.conn.QuarantineState(), "dropped").Val())
	require.False(t, f.redis.HExists(f.ctx, f.conn.Quarantine(), "0-3").Val())
	require.True(t, f.redis.HExists(f.ctx, f.conn.Quarantine(), "0-4").Val())
	for _, id := range ids {
		f.quarantined(id)
	}
}

func TestCallsEndByTheirDeadlinesThoughTheServerIsFrozen(t *testing.T) {
	f := newFixture(t)
	f.beat(alice)
	f.server.Freeze()
	defer f.server.Thaw()
	for name, call := range map[string]func() error{
		"Take": func() error {
			_, err := f.Take(f.soon(), alice, []ports.TakeRequest{{Ref: ports.StreamRef{Name: "s", MessageID: "1-1"}, Token: 7}})
			return err
		},
		"Settle": func() error {
			_, err := f.Settle(f.soon(), alice, []ports.Settlement{{Ref: ports.StreamRef{Name: "s", MessageID: "1-1"}, Token: 7, Outcome: ports.Done}})
			return err
		},
		"Heartbeat":  func() error { _, err := f.Heartbeat(f.soon(), ports.Beat{Member: alice}); return err },
		"Sweep":      func() error { _, err := f.Sweep(f.soon(), alice, sweepAll); return err },
		"Deliveries": func() error { _, err := f.Deliveries(f.soon(), alice, "", 1); return err },
		"Fetch":      func() error { _, err := f.Fetch(f.soon(), alice, 1, time.Minute); return err },
	} {
		start := time.Now()
		err := call()
		require.Error(t, err, name)
		require.NotErrorIs(t, err, ports.ErrRefused, name)
		t.Logf("%s ended after %v", name, time.Since(start))
	}
}
