package main

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/internal/timeline"
)

const (
	early = 8 // streams that are announced at first
	late  = 3 // streams that are announced after all the trouble
)

// story is everything that takes part in it.
type story struct {
	*timeline.History
	service   *memory.Service
	publisher *streamlease.Publisher
	feed      *feed
	ledger    *ledger
	members   []*member
}

func newStory(history *timeline.History) (*story, error) {
	service, err := memory.New(memory.Config{})
	if err != nil {
		return nil, err
	}
	return &story{
		History:   history,
		service:   service,
		publisher: streamlease.NewPublisher(service.Source),
		feed:      newFeed(),
		ledger:    newLedger(),
	}, nil
}

// tell goes through the steps, and stops at the first that does not do what it
// says.
func (s *story) tell(ctx context.Context) error {
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	go s.feed.grow(feeding)
	steps := []func(context.Context) error{
		s.membersJoin,
		s.streamsAreSpread,
		s.oneIsKilled,
		s.oneFreezes,
		s.itWakesTooLate,
		s.moreStreamsCome,
		s.everythingIsFinished,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) membersJoin(ctx context.Context) error {
	s.Step("Three members join the service.")
	for _, id := range []string{"A", "B", "C"} {
		member, err := join(ctx, id, s)
		if err != nil {
			return err
		}
		s.members = append(s.members, member)
	}
	for _, member := range s.members {
		for member.client.Status().Fleet < len(s.members) {
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
		}
	}
	s.Say("Each of them knows of the two others.")
	return pause(ctx, time.Second)
}

func (s *story) streamsAreSpread(ctx context.Context) error {
	s.Step(fmt.Sprintf("A producer announces %d streams. Each goes to one member, which takes a lease on it.", early))
	if err := s.announce(ctx, 1, early); err != nil {
		return err
	}
	if err := s.until(ctx, allWork); err != nil {
		return err
	}
	least, most, text := s.spread()
	s.Say("They are spread evenly: %s.", text)
	if most-least > 1 {
		return fmt.Errorf("the streams should be spread evenly, but %s", text)
	}
	return pause(ctx, 2*time.Second)
}

func (s *story) oneIsKilled(ctx context.Context) error {
	const victim = "B"
	orphans := s.Facts().OwnedBy(victim)
	s.Step("B is killed. It says nothing and releases nothing, but it no longer renews its leases.")
	s.member(victim).machine.kill()
	s.Record(timeline.Event{Kind: timeline.Killed, Member: victim})
	return s.othersTakeOver(ctx, victim, orphans, timeline.Killed)
}

func (s *story) oneFreezes(ctx context.Context) error {
	const victim = "C"
	orphans := s.Facts().OwnedBy(victim)
	s.Step("C freezes in the middle of its work. (In one process that is played: its calls to the stores hang and its application stands still. quickstart-redis freezes a real process.)")
	s.member(victim).machine.freeze()
	s.Record(timeline.Event{Kind: timeline.Frozen, Member: victim})
	return s.othersTakeOver(ctx, victim, orphans, timeline.Frozen)
}

func (s *story) othersTakeOver(ctx context.Context, victim string, orphans []string, loss timeline.Kind) error {
	if len(orphans) == 0 {
		return fmt.Errorf("%s should own streams, but it owns none", victim)
	}
	taken := func(facts timeline.Facts) bool { return len(facts.OwnedBy(victim)) == 0 && allWork(facts) }
	if err := s.until(ctx, taken); err != nil {
		return fmt.Errorf("waiting for new owners of what %s had: %w", victim, err)
	}
	times := timeline.TimesOf(s.Facts().Takeovers(), loss)
	s.Say("All %d of its streams have new owners, the last one %.2f s later. They go on where it stopped.", len(orphans), times.Max().Seconds())
	return pause(ctx, 1500*time.Millisecond)
}

func (s *story) itWakesTooLate(ctx context.Context) error {
	lost := s.lostBy("C")
	s.Step("C wakes up. It believes that it still owns its streams: it writes what it was about to write, with its old tokens, and says Done.")
	s.Record(timeline.Event{Kind: timeline.Woken, Member: "C"})
	s.member("C").machine.thaw()
	heard := func(facts timeline.Facts) bool {
		return facts.Count(timeline.LateDone) == lost && facts.Count(timeline.Disowned) == lost
	}
	err := s.until(ctx, heard)
	if refusal := s.zombieWasRefused(lost); refusal != nil && ctx.Err() == nil {
		return refusal
	}
	if err != nil {
		return fmt.Errorf("waiting for C to hear that it lost its streams: %w", err)
	}
	s.Say("%d late writes were refused, %d late Dones answered ErrDisowned, and C was told StreamDisowned for each.", lost, lost)
	return pause(ctx, 2*time.Second)
}

func (s *story) moreStreamsCome(ctx context.Context) error {
	s.Step(fmt.Sprintf("%d more streams are announced. C is a member like any other again, and owns the fewest.", late))
	if err := s.announce(ctx, early+1, early+late); err != nil {
		return err
	}
	if err := s.until(ctx, allWork); err != nil {
		return err
	}
	_, _, text := s.spread()
	s.Say("Now %s.", text)
	return pause(ctx, 1500*time.Millisecond)
}

func (s *story) everythingIsFinished(ctx context.Context) error {
	s.Step("The producer ends the streams. Their owners process the rest and say Done.")
	s.feed.end()
	all := func(facts timeline.Facts) bool { return facts.FinishedBy("") == early+late }
	if err := s.until(ctx, all); err != nil {
		return fmt.Errorf("waiting for the end of all streams: %w", err)
	}
	for _, member := range s.members {
		if err := member.close(ctx); err != nil {
			return err
		}
	}
	if err := s.ledger.verify(s.feed); err != nil {
		return err
	}
	s.Say("All %d are finished, each once: the ledger has every record, in order, none twice.", early+late)
	return nil
}
