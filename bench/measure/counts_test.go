package measure

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/bench/fleet"
	"github.com/streamlease/streamlease/bench/member"
)

// These tests look at counts alone. They are as good on a slow machine as on a
// fast one, so what makes each stream cost something again fails here.

// patience is generous: no test fails because a machine is slow.
const patience = 5 * time.Minute

// testTTL leaves a busy machine time to renew.
const testTTL = 6 * time.Second

// testSweep is how long a test waits for what a busy machine has lost.
const testSweep = 10 * time.Second

func raised(t *testing.T, setup Setup) (*stage, context.Context) {
	t.Helper()
	setup.TTL, setup.SweepInterval = testTTL, cmp.Or(setup.SweepInterval, testSweep)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	s, err := raise(ctx, setup)
	require.NoError(t, err)
	t.Cleanup(s.strike)
	require.NoError(t, s.record())
	require.NoError(t, s.fleet.Join(ctx))
	return s, ctx
}

// whileRenewed is what the fleet uses until so many grants were renewed.
func (s *stage) whileRenewed(t *testing.T, ctx context.Context, grants int64) fleet.Usage {
	t.Helper()
	before, err := s.fleet.Look()
	require.NoError(t, err)
	var renewals member.Renewals
	after, err := s.fleet.Await(ctx, "leases are renewed", func(u fleet.Usage) bool {
		renewals = renewals.Worse(u.Renewals)
		return renewals.Grants >= grants
	})
	require.NoError(t, err)
	used := after.Since(before)
	used.Renewals = renewals
	return used
}

func TestTheNativeStoreRenewsAnyNumberOfStreamsWithTheSameCommands(t *testing.T) {
	t.Parallel()
	s, ctx := raised(t, Setup{Store: member.Goredis, Processes: 1})
	for _, streams := range []int{20, 2_000} {
		require.NoError(t, s.hold(ctx, streams))
		const renewals = 2
		used := s.whileRenewed(t, ctx, renewals)
		t.Logf("%d streams, %d renewals: %+v, %d goroutines", s.announced, used.Renewals.Grants, used.Wire, used.Goroutines)
		// A heartbeat, a look at the sessions and a Fetch for each renewal, or a
		// few of them; far from one for each stream.
		require.LessOrEqual(t, used.Wire.Commands, int64(200))
		require.LessOrEqual(t, used.Goroutines, 50)
	}
}

func TestLocksAreRenewedInBatches(t *testing.T) {
	t.Parallel()
	for _, store := range []string{member.Redsync, member.Redislock} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			s, ctx := raised(t, Setup{Store: store, Processes: 1})
			const streams = 1_000
			require.NoError(t, s.hold(ctx, streams))
			used := s.whileRenewed(t, ctx, 2*streams)
			t.Logf("%+v, %d goroutines: %+v", used.Renewals, used.Goroutines, used.Wire)
			// A busy machine spreads the leases over more renewals, and makes the
			// member ask more often how things are: others are for that. One more
			// for each lease is twice as many.
			const others = 1_000
			grants, calls := used.Renewals.Grants, used.Renewals.Calls
			require.Less(t, used.Wire.Commands, grants+calls+others, "the library's for each lock, the index's for each renewal")
			require.Less(t, used.Wire.RoundTrips, 2*calls+others, "one for the index and one for the locks")
			require.LessOrEqual(t, used.Goroutines, 50+2*500, "no more than for two batches")
		})
	}
}

func TestMembersDoNotAllTryForWhatIsFree(t *testing.T) {
	t.Parallel()
	for _, store := range []string{member.Goredis, member.Redislock} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			const survivors = 4
			s, ctx := raised(t, Setup{Store: store, Processes: 1 + survivors})
			require.NoError(t, s.hold(ctx, 500))
			arrived, err := s.arrivalsOf()
			require.NoError(t, err)
			figures, err := s.crash(ctx, richest(arrived), patience)
			require.NoError(t, err)
			t.Log(figures)
			require.Zero(t, figures.Of(NotRecovered))
			require.Less(t, figures.Of(AttemptsTakeover), survivors/1.5)
		})
	}
}

func TestOneRoundOfTheSweepIsTheWholeFleets(t *testing.T) {
	t.Parallel()
	s, ctx := raised(t, Setup{Store: member.Goredis, Processes: 1, MembersEach: 8, SweepInterval: time.Millisecond})
	require.NoError(t, s.hold(ctx, 400))
	begun := time.Now()
	before, err := s.fleet.Look()
	require.NoError(t, err)
	after, err := s.fleet.Await(ctx, "much is swept", func(u fleet.Usage) bool { return u.Swept-before.Swept >= 1_000 })
	require.NoError(t, err)
	swept, seconds := after.Swept-before.Swept, time.Since(begun).Seconds()
	t.Logf("%d swept in %.2f s", swept, seconds)
	const pace, onTheirWay = 1_000, 8 * sweepPage
	require.LessOrEqual(t, float64(swept), pace*seconds+onTheirWay)
}
