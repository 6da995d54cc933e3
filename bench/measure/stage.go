package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/bench/fleet"
	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/server"
)

const (
	service = "bench"
	// seldom is a sweep interval that few measurements last: the sweep is
	// measured by itself. What a busy machine loses is found by it all the same.
	seldom = 2 * time.Minute
)

// Setup is what a measurement starts with.
type Setup struct {
	Store string
	TTL   time.Duration
	// Processes hold MembersEach members; 0: one.
	Processes, MembersEach int
	SweepInterval          time.Duration // 0: seldom
	Contexts               bool
	Neighbours             int // keys on the server that are somebody else's
	// Profiles is the folder for profiles of the members; empty: none.
	Profiles string
}

func (s Setup) settings(redis string) member.Settings {
	sweep := s.SweepInterval
	if sweep == 0 {
		sweep = seldom
	}
	return member.Settings{
		Store: s.Store, Redis: redis, Service: service, Members: s.MembersEach,
		TTL: s.TTL, SweepInterval: sweep, Contexts: s.Contexts,
	}
}

// stage is a server with a fleet that has not joined yet, and a producer.
type stage struct {
	setup     Setup
	server    *server.Server
	fleet     *fleet.Fleet
	client    *redis.Client
	publisher *streamlease.Publisher
	announced int
}

func raise(ctx context.Context, setup Setup) (*stage, error) {
	s := &stage{setup: setup}
	var err error
	if s.server, err = server.Start(ctx); err != nil {
		return nil, err
	}
	if err = s.furnish(ctx); err != nil {
		s.strike()
		return nil, err
	}
	return s, nil
}

// holding is a stage whose fleet has come to hold so many streams; it was
// prepared before the fleet joined.
func holding(ctx context.Context, setup Setup, streams int, prepare ...func(*stage) error) (*stage, error) {
	s, err := raise(ctx, setup)
	if err != nil {
		return nil, err
	}
	for _, step := range prepare {
		err = errors.Join(err, step(s))
	}
	if err == nil {
		err = s.fleet.Join(ctx)
	}
	if err == nil {
		err = s.hold(ctx, streams)
	}
	if err != nil {
		s.strike()
		return nil, err
	}
	return s, nil
}

func (s *stage) furnish(ctx context.Context) error {
	if err := s.server.AddNeighbours(ctx, s.setup.Neighbours); err != nil {
		return err
	}
	s.client = redis.NewClient(&redis.Options{Addr: s.server.Address()})
	source, err := goredis.NewSource(s.client, service)
	if err != nil {
		return err
	}
	s.publisher = streamlease.NewPublisher(source)
	s.fleet, err = fleet.Launch(s.setup.Processes, s.setup.settings(s.server.Address()))
	return err
}

// strike ends everything; what was measured is known by then.
func (s *stage) strike() {
	if s.fleet != nil {
		s.fleet.Stop()
	}
	if s.publisher != nil {
		_ = s.publisher.Close()
	}
	if s.client != nil {
		_ = s.client.Close()
	}
	s.server.Stop()
}

// reinforce lets one more process join.
func (s *stage) reinforce(ctx context.Context) error {
	more, err := fleet.Launch(1, s.setup.settings(s.server.Address()))
	if err != nil {
		return err
	}
	s.fleet.Add(more)
	_, err = more.AskAll(member.Request{Action: member.Join})
	if err != nil {
		return err
	}
	return s.fleet.AwaitSeen(ctx)
}

// announceBatch is how many names are made at once.
const announceBatch = 10_000

// announce puts so many streams, with names of 18 bytes, on the LBS.
func (s *stage) announce(ctx context.Context, streams int) error {
	for left := streams; left > 0; left -= announceBatch {
		assignments := make([]streamlease.Assignment, min(left, announceBatch))
		for i := range assignments {
			assignments[i].Ref.Name = nameOf(s.announced)
			s.announced++
		}
		if _, err := s.publisher.Announce(ctx, assignments...); err != nil {
			return err
		}
	}
	return nil
}

// nameOf is the name of the stream that is announced after so many.
func nameOf(number int) string { return fmt.Sprintf("stream-%011d", number) }

// hold announces streams and waits until the fleet owns all that were.
func (s *stage) hold(ctx context.Context, streams int) error {
	if err := s.announce(ctx, streams); err != nil {
		return err
	}
	return s.awaitOwned(ctx)
}

// awaitOwned waits until the fleet owns all that was announced, or as much of
// it as the baseline comes to own.
func (s *stage) awaitOwned(ctx context.Context) error {
	if s.setup.Store == member.Baseline {
		return s.fleet.AwaitQuiet(ctx, s.announced)
	}
	return s.fleet.AwaitOwned(ctx, s.announced)
}

// pause lets time pass in which the members do what they do.
func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
