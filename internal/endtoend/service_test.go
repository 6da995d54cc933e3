package endtoend_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/proctest"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

const (
	members = 4
	// patience bounds what a test waits for. No test fails for slowness.
	patience = 5 * time.Minute
	// look is how often it looks.
	look = 20 * time.Millisecond
)

// size is how much is produced, and how often the members are troubled.
type size struct {
	streams, messages, rounds int
	tick                      time.Duration
}

// service is what the test has of it.
type service struct {
	t                *testing.T
	leases           string
	server, resource *redistest.Server
	rdb              *redis.Client
	members          []*proctest.Member
	started          int
}

// Streams are written while members are killed, frozen and redeployed. Every
// message is processed, in order, has one effect, and a new owner begins at the
// last checkpoint.
func TestEveryMessageHasItsEffectOnceWhileMembersDieFreezeAndAreRedeployed(t *testing.T) {
	for leases, size := range map[string]size{
		"goredis":   testsize.Pick(size{40, 100, 1, 60 * time.Millisecond}, size{200, 500, 5, 100 * time.Millisecond}),
		"redsync":   testsize.Pick(size{20, 50, 1, 120 * time.Millisecond}, size{200, 500, 5, 100 * time.Millisecond}),
		"redislock": testsize.Pick(size{20, 50, 1, 120 * time.Millisecond}, size{200, 500, 5, 100 * time.Millisecond}),
	} {
		t.Run(leases, func(t *testing.T) {
			if testsize.Pick(true, false) {
				t.Parallel() // it waits more than it computes
			}
			survive(t, leases, size)
		})
	}
}

func survive(t *testing.T, leases string, size size) {
	s := &service{t: t, leases: leases, server: redistest.Start(t), resource: redistest.Start(t)}
	s.rdb = s.server.Client(t, patiently)
	for range members {
		s.start()
	}
	names := streamNames(size.streams)
	announce(t, s.rdb, names)
	began := time.Now()
	p := &production{rdb: s.rdb, names: names, messages: size.messages, tick: size.tick}
	produced := make(chan error, 1)
	go func() { produced <- p.run(context.WithoutCancel(t.Context())) }()
	troubles := slices.Repeat([]func(){s.kill, s.redeploy, s.freeze}, size.rounds)
	for i, trouble := range troubles { // in the middle of the work
		s.await("messages are produced", func() bool {
			return p.produced.Load() > int64(size.messages*(i+1)/(len(troubles)+2))
		})
		trouble()
	}
	require.NoError(t, <-produced)
	require.NoError(t, p.end(t.Context()))
	s.await("all streams are done", func() bool {
		return s.rdb.XLen(t.Context(), serviceName+"-input").Val() == 0
	})
	took := time.Since(began)
	for len(s.members) > 0 {
		s.stop(s.members[0])
	}

	sum := judge(t, s.resource.Client(t), names, size.messages)
	require.Zero(t, s.rdb.XLen(t.Context(), "{"+serviceName+"-input}:quarantine").Val())
	t.Logf("%d streams with %d messages each: %v; %d tenures; %d messages repeated, at most %d by each tenure; %d late effects refused",
		size.streams, size.messages, took.Round(10*time.Millisecond), sum.tenures, sum.repeated, saveEvery, sum.refused)
	require.Greater(t, sum.tenures, size.streams, "nothing was taken over")
}

// start starts one more member and waits until it has joined.
func (s *service) start() {
	s.t.Helper()
	s.started++
	member := proctest.StartMember(s.t, memberProgram, fmt.Sprint("member-", s.started), s.server.URL(), s.resource.URL(), s.leases)
	s.members = append(s.members, member)
	s.await("a member has joined", func() bool { return s.owned(member) >= 0 })
}

// owned is how many streams the member says that it owns.
func (s *service) owned(member *proctest.Member) int {
	s.t.Helper()
	require.NoError(s.t, member.Send(ask))
	count, err := strconv.Atoi(strings.TrimSpace(member.Expect(ask)))
	require.NoError(s.t, err)
	return count
}

// busiest is the member that owns the most streams, and so has some to lose.
func (s *service) busiest() (member *proctest.Member) {
	s.t.Helper()
	s.await("somebody owns streams", func() bool {
		most := 0
		for _, other := range s.members {
			if owned := s.owned(other); owned > most {
				member, most = other, owned
			}
		}
		return most > 0
	})
	return member
}

func (s *service) remove(member *proctest.Member) {
	s.members = slices.DeleteFunc(s.members, func(other *proctest.Member) bool { return other == member })
}

// kill ends a member, and another one starts.
func (s *service) kill() {
	s.t.Helper()
	member := s.busiest()
	s.remove(member)
	member.Kill9()
	s.start()
}

// redeploy starts the next version beside a member and then stops that.
func (s *service) redeploy() {
	s.t.Helper()
	member := s.busiest()
	s.start()
	s.stop(member)
}

// stop ends a member as a deploy does.
func (s *service) stop(member *proctest.Member) {
	s.t.Helper()
	s.remove(member)
	require.NoError(s.t, member.Terminate())
	select {
	case <-member.Exited():
		require.Equal(s.t, 0, member.State().ExitCode(), "a member's end")
	case <-time.After(patience):
		require.Fail(s.t, "a member did not end")
	}
}

// freeze stops a member for two TTLs: others own its streams when it goes on.
func (s *service) freeze() {
	s.t.Helper()
	member := s.busiest()
	require.NoError(s.t, member.Freeze())
	time.Sleep(2 * ttl) // that is how long it is frozen; nothing is awaited
	require.NoError(s.t, member.Thaw())
}

func (s *service) await(what string, condition func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(look) {
		require.True(s.t, time.Now().Before(deadline), "%s: not within %v", what, patience)
	}
}
