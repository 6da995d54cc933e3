package memory_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestValidateReportsEveryMistakeAtOnce(t *testing.T) {
	config := memory.Config{Shape: 9, QuarantineLimit: -1, PollEvery: -time.Second, HintBuffer: -2}
	err := config.Validate()
	require.ErrorIs(t, err, ports.ErrInvalid)
	for _, field := range []string{"Shape", "QuarantineLimit", "PollEvery", "HintBuffer"} {
		require.ErrorContains(t, err, field)
	}
	_, err = memory.New(config)
	require.ErrorIs(t, err, ports.ErrInvalid)
	_, err = memory.NewLeases(config)
	require.ErrorIs(t, err, ports.ErrInvalid)
	_, err = memory.NewNotifier(config, nil)
	require.ErrorIs(t, err, ports.ErrInvalid)
}

func TestTheZeroConfigIsValid(t *testing.T) {
	service := newService(t, memory.Config{})
	require.Equal(t, ports.GrantPerMember, service.Ports().Leases.Shape())
}

func TestACallWhoseContextEndedDoesNothing(t *testing.T) {
	service := newService(t, memory.Config{})
	set := service.Ports()
	for name, call := range map[string]func(context.Context) error{
		"Announce": func(ctx context.Context) error {
			_, err := service.Source.Announce(ctx, []ports.Assignment{{Ref: ref("s")}})
			return err
		},
		"Heartbeat": func(ctx context.Context) error {
			_, err := set.Source.Heartbeat(ctx, ports.Beat{Member: alice})
			return err
		},
		"Deliveries": func(ctx context.Context) error {
			_, err := set.Source.Deliveries(ctx, alice, "", 1)
			return err
		},
		"Take": func(ctx context.Context) error {
			_, err := set.Source.Take(ctx, alice, []ports.TakeRequest{{Ref: ref("s"), Token: 1}})
			return err
		},
		"Settle": func(ctx context.Context) error {
			_, err := set.Source.Settle(ctx, alice, []ports.Settlement{{Ref: ref("s"), Token: 1, Outcome: ports.Done}})
			return err
		},
		"Sweep": func(ctx context.Context) error {
			_, err := set.Source.Sweep(ctx, alice, ports.SweepRequest{Limit: 1})
			return err
		},
		"Acquire": func(ctx context.Context) error {
			_, err := set.Leases.Acquire(ctx, alice, []ports.AcquireRequest{{Ref: ref("s"), Open: true}}, ttl)
			return err
		},
		"Renew": func(ctx context.Context) error {
			_, err := set.Leases.Renew(ctx, []ports.GrantID{{}}, ttl)
			return err
		},
		"Leases": func(ctx context.Context) error {
			_, err := set.Leases.Leases(ctx, ports.GrantID{}, "", 1)
			return err
		},
		"Release": func(ctx context.Context) error {
			_, err := set.Leases.Release(ctx, []ports.ReleaseRequest{{}})
			return err
		},
		"Inspect": func(ctx context.Context) error {
			_, err := set.Leases.Inspect(ctx, []string{"s"})
			return err
		},
		"Publish": func(ctx context.Context) error {
			return set.Notifier.Publish(ctx, []ports.Hint{gap})
		},
	} {
		require.ErrorIs(t, call(ended()), context.Canceled, name)
	}
	fleet, err := set.Source.Heartbeat(t.Context(), ports.Beat{Member: bob, Expiry: time.Second})
	require.NoError(t, err)
	require.Zero(t, fleet.Backlog)
	require.Len(t, fleet.Members, 1)
	inspected, err := set.Leases.Inspect(t.Context(), []string{"s"})
	require.NoError(t, err)
	require.False(t, inspected[0].Held)
}

func TestAFlushedSourceIsEmptyAndGoesOn(t *testing.T) {
	s := newSourceStory(t)
	old := s.delivered(alice, "old")
	s.taken(alice, old, 10)
	before := s.beat(ports.Beat{Member: alice})
	s.memory.Flush()

	require.ErrorIs(t, s.take(alice, old, 11).Err, ports.ErrDone)
	require.Empty(t, s.deliveries(alice))
	after := s.beat(ports.Beat{Member: bob, FleetVersion: before.Version})
	require.Greater(t, after.Version, before.Version)
	require.Len(t, after.Members, 1)
	fresh := s.delivered(alice, "fresh")
	require.NotEqual(t, old.MessageID, fresh.MessageID)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, s.taken(alice, fresh, 12).Taken)
}

// TestManyMembersShareAService is for the race detector, and counts: each
// stream is done once, whoever competes for it.
func TestManyMembersShareAService(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		t := s.t
		service := newService(t, memory.Config{Shape: s.shape})
		const members, streams = 8, 400
		for i := range streams {
			_, err := service.Source.Announce(t.Context(), []ports.Assignment{{Ref: ports.StreamRef{Name: fmt.Sprint(i % 100)}}})
			require.NoError(t, err)
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		done := map[ports.StreamRef]int{}
		for i := range members {
			group.Go(func() {
				me := ports.Member{ID: fmt.Sprint(i), Incarnation: fmt.Sprint("member-", i)}
				for number := 0; ; number++ {
					fetched, err := service.Source.Fetch(t.Context(), me, 3, 0)
					if err != nil || len(fetched.Assignments) == 0 {
						return
					}
					for k, assignment := range fetched.Assignments {
						grant := ports.GrantID{byte(i), byte(number), byte(number >> 8), byte(k)}
						if processOne(t.Context(), service.Ports(), me, assignment.Ref, grant) {
							mu.Lock()
							done[assignment.Ref]++
							mu.Unlock()
						}
					}
				}
			})
		}
		group.Wait()
		require.Len(t, done, streams)
		for ref, times := range done {
			require.Equal(t, 1, times, ref)
		}
	})
}

// processOne takes and finishes an assignment once its name is free, and
// reports whether its Done took effect.
func processOne(ctx context.Context, set ports.Set, me ports.Member, ref ports.StreamRef, grant ports.GrantID) bool {
	token, err := acquireWhenFree(ctx, set.Leases, me, ref, grant)
	if err != nil {
		return false
	}
	lease := ports.Lease{Ref: ref, Grant: grant, Token: token}
	defer set.Leases.Release(ctx, []ports.ReleaseRequest{{Lease: lease, EndGrant: true}})
	taken, err := set.Source.Take(ctx, me, []ports.TakeRequest{{Ref: ref, Token: token}})
	if err != nil || taken[0].Err != nil {
		return false
	}
	settled, err := set.Source.Settle(ctx, me, []ports.Settlement{{Ref: ref, Token: token, Outcome: ports.Done}})
	return err == nil && settled[0].Err == nil && settled[0].Changed
}

func acquireWhenFree(ctx context.Context, leases ports.LeaseStore, me ports.Member, ref ports.StreamRef, grant ports.GrantID) (ports.Token, error) {
	for {
		results, err := leases.Acquire(ctx, me, []ports.AcquireRequest{{Ref: ref, Grant: grant, Open: true}}, time.Hour)
		if err != nil {
			return 0, err
		}
		if !errors.Is(results[0].Err, ports.ErrHeld) {
			return results[0].Token, results[0].Err
		}
	}
}
