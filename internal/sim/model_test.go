package sim

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/core"
)

// TestTheModelLeaseStoreAnswersLikeTheMemoryAdapter compares the two on random
// histories: the model must keep the contract, or all that is found with it is
// about nothing.
func TestTheModelLeaseStoreAnswersLikeTheMemoryAdapter(t *testing.T) {
	for _, shape := range []core.GrantShape{core.GrantPerMember, core.GrantPerLease} {
		for seed := range uint64(300) {
			compareLeaseStores(t, shape, newChance(seed, 1))
		}
	}
}

func compareLeaseStores(t *testing.T, shape core.GrantShape, drawn *chance) {
	now := time.Duration(0)
	epoch := time.UnixMicro(0)
	real, err := memory.NewLeases(memory.Config{Shape: shape, Now: func() time.Time { return epoch.Add(now) }})
	require.NoError(t, err)
	server := newLeaseServer(shape, &clock{}, func() time.Duration { return now }, &Ablation{})
	model := &leaseStore{servers: []*leaseServer{server}, reached: func(int) bool { return true }}
	var leases []core.Lease
	ctx := context.Background()
	member := core.Member{ID: "m", Incarnation: "i"}
	for range 60 {
		now += drawn.between(0, 700*time.Millisecond)
		grant := core.GrantID{byte(drawn.below(4))}
		name := fmt.Sprint("s", drawn.below(3))
		switch drawn.below(6) {
		case 0, 1:
			r := []core.AcquireRequest{{Ref: core.StreamRef{Name: name, MessageID: "1"}, Grant: grant, Open: drawn.happens(600), Floor: core.Token(drawn.below(3))}}
			a, _ := real.Acquire(ctx, member, r, time.Second)
			b, _ := model.Acquire(ctx, member, r, time.Second)
			requireSame(t, a[0].Err, b[0].Err)
			a[0].Err, b[0].Err = nil, nil
			require.Equal(t, a, b)
			leases = append(leases, core.Lease{Ref: r[0].Ref, Grant: grant, Token: a[0].Token})
		case 2:
			a, _ := real.Renew(ctx, []core.GrantID{grant}, time.Second)
			b, _ := model.Renew(ctx, []core.GrantID{grant}, time.Second)
			requireSame(t, a[0].Err, b[0].Err)
			require.Equal(t, a[0].Tally, b[0].Tally)
		case 3:
			a, errA := real.Leases(ctx, grant, "", 2)
			b, errB := model.Leases(ctx, grant, "", 2)
			requireSame(t, errA, errB)
			require.Equal(t, a, b)
		case 4:
			if len(leases) > 0 {
				r := []core.ReleaseRequest{{Lease: leases[drawn.below(len(leases))], EndGrant: drawn.happens(500)}}
				a, _ := real.Release(ctx, r)
				b, _ := model.Release(ctx, r)
				require.Equal(t, a, b)
			}
		case 5:
			a, _ := real.Inspect(ctx, []string{name})
			b, _ := model.Inspect(ctx, []string{name})
			require.Equal(t, a, b)
		}
	}
}

// requireSame: both errors are the same answer of the contract.
func requireSame(t *testing.T, a, b error) {
	t.Helper()
	require.Equal(t, a == nil, b == nil, "%v and %v", a, b)
	for _, sentinel := range []error{core.ErrHeld, core.ErrExpired, core.ErrDisowned, core.ErrDone, core.ErrNotYet, core.ErrSuspect, core.ErrRefused} {
		require.Equal(t, errors.Is(a, sentinel), errors.Is(b, sentinel), "%v and %v", a, b)
	}
}

func TestTheModelSourceAnswersLikeTheMemoryAdapter(t *testing.T) {
	for seed := range uint64(300) {
		compareSources(t, newChance(seed, 2))
	}
}

func compareSources(t *testing.T, drawn *chance) {
	now := time.Duration(0)
	epoch := time.UnixMicro(0)
	real, err := memory.NewSource(memory.Config{Now: func() time.Time { return epoch.Add(now) }})
	require.NoError(t, err)
	model := newSource(&clock{}, func() time.Duration { return now }, &Ablation{})
	ctx := context.Background()
	var refs [][2]core.StreamRef
	for range 80 {
		now += drawn.between(time.Millisecond, 300*time.Millisecond)
		member := core.Member{ID: "m", Incarnation: fmt.Sprint("i", drawn.below(3))}
		var ref [2]core.StreamRef
		if len(refs) > 0 {
			ref = refs[drawn.below(len(refs))]
		}
		token := core.Token(1 + drawn.below(6))
		switch drawn.below(6) {
		case 0:
			name := fmt.Sprint("s", drawn.below(3))
			a, _ := real.Announce(ctx, []core.Assignment{{Ref: core.StreamRef{Name: name}}})
			refs = append(refs, [2]core.StreamRef{a[0].Ref, model.announce(name, nil)})
		case 1:
			a, _ := real.Fetch(ctx, member, 1, 0)
			b, _ := model.Fetch(ctx, member, 1, 0)
			require.Equal(t, a.Left, b.Left)
			require.Equal(t, len(a.Assignments), len(b.Assignments))
		case 2:
			r := core.TakeRequest{Ref: ref[0], Token: token, StableAfter: time.Second, Suspect: drawn.below(3), Trial: drawn.happens(500)}
			a, _ := real.Take(ctx, member, []core.TakeRequest{r})
			r.Ref = ref[1]
			b, _ := model.Take(ctx, member, []core.TakeRequest{r})
			requireSame(t, a[0].Err, b[0].Err)
			a[0].Err, b[0].Err, a[0].Assignment, b[0].Assignment = nil, nil, core.Assignment{}, core.Assignment{}
			require.Equal(t, a, b)
		case 3:
			s := core.Settlement{Ref: ref[0], Token: token, Outcome: core.Outcome(1 + drawn.below(4)), RetryIn: time.Second, StableAfter: time.Second}
			a, _ := real.Settle(ctx, member, []core.Settlement{s})
			s.Ref = ref[1]
			b, _ := model.Settle(ctx, member, []core.Settlement{s})
			requireSame(t, a[0].Err, b[0].Err)
			a[0].Err, b[0].Err = nil, nil
			require.Equal(t, a, b)
		case 4:
			beat := core.Beat{Member: member, HasRoom: drawn.happens(500), Owned: 1, Expiry: time.Second, Leaving: drawn.happens(100)}
			a, _ := real.Heartbeat(ctx, beat)
			b, _ := model.Heartbeat(ctx, beat)
			if beat.Leaving {
				continue // the memory adapter forgets the numbers of who leaves
			}
			require.Equal(t, a.Taken.Count, b.Taken.Count)
			a.Taken, b.Taken = core.Tally{}, core.Tally{}
			require.Equal(t, a, b)
		case 5:
			r := core.SweepRequest{Limit: 2, Interval: time.Second, PerSecond: 100}
			a, _ := real.Sweep(ctx, member, r)
			b, _ := model.Sweep(ctx, member, r)
			requireSameSwept(t, a.Due, b.Due)
			requireSameSwept(t, a.Round, b.Round)
			a.Due, a.Round, b.Due, b.Round = nil, nil, nil, nil
			require.Equal(t, a, b)
		}
	}
}

func requireSameSwept(t *testing.T, a, b []core.Swept) {
	t.Helper()
	require.Len(t, b, len(a))
	for i := range a {
		a[i].Assignment, b[i].Assignment = core.Assignment{}, core.Assignment{}
		require.Equal(t, a[i], b[i])
	}
}
