package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/timeline"
)

const (
	early = 8 // streams that are announced at first
	late  = 3 // streams that are announced after all the trouble
)

var memberIDs = []string{"A", "B", "C"}

// story is everything that takes part in it.
type story struct {
	*timeline.History
	given     arguments
	publisher *streamlease.Publisher
	feed      *feed
	ledger    *ledger
	processes map[string]*process
}

func newStory(history *timeline.History, rdb *redis.Client, given arguments) (*story, error) {
	source, err := goredis.NewSource(rdb, given.service)
	if err != nil {
		return nil, err
	}
	return &story{
		History:   history,
		given:     given,
		publisher: streamlease.NewPublisher(source),
		feed:      newFeed(rdb, given.service),
		ledger:    newLedger(rdb, given.service),
		processes: map[string]*process{},
	}, nil
}

// tell goes through the steps, and stops at the first that does not do what it
// says.
func (s *story) tell(ctx context.Context) error {
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	go s.feed.grow(feeding)
	steps := []func(context.Context) error{s.membersJoin, s.streamsAreSpread}
	if s.given.byHand {
		steps = append(steps, s.yourTurn)
	} else {
		steps = append(steps, s.oneIsKilled, s.oneFreezes, s.moreStreamsCome, s.everythingIsFinished)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// end ends every process, whatever state it is in: all of them at once, or each
// would hand its streams to the next.
func (s *story) end() {
	var ending sync.WaitGroup
	for _, process := range s.processes {
		ending.Go(process.end)
	}
	ending.Wait()
	_ = s.publisher.Close()
}

func (s *story) membersJoin(ctx context.Context) error {
	s.Step("Three processes join the service, one member each. (With -by-hand it is you who kills and freezes them, by the pids in the table.)")
	for _, id := range memberIDs {
		process, err := startProcess(id, s.given, s.History)
		if err != nil {
			return err
		}
		s.processes[id] = process
	}
	all := func(facts timeline.Facts) bool { return facts.Count(timeline.Joined) == len(memberIDs) }
	if err := s.until(ctx, all); err != nil {
		return fmt.Errorf("waiting for the members to join: %w", err)
	}
	return pause(ctx, 1500*time.Millisecond)
}

func (s *story) streamsAreSpread(ctx context.Context) error {
	s.Step(fmt.Sprintf("A producer announces %d streams. Each goes to one member, which takes a lease on it.", early))
	if err := s.announce(ctx, 1, early); err != nil {
		return err
	}
	if err := s.until(ctx, allWork); err != nil {
		return fmt.Errorf("waiting for all streams to have owners: %w", err)
	}
	least, most, text := s.spread()
	s.Say("They are spread evenly: %s.", text)
	if most-least > 1 {
		return fmt.Errorf("the streams should be spread evenly, but %s", text)
	}
	return pause(ctx, 2*time.Second)
}

func (s *story) oneIsKilled(ctx context.Context) error {
	victim, err := s.pick("B")
	if err != nil {
		return err
	}
	orphans := s.Facts().OwnedBy(victim)
	process := s.processes[victim]
	s.Step(fmt.Sprintf("kill -9 %d. %s says nothing and releases nothing, but it no longer renews its leases.", process.pid(), victim))
	process.kill()
	return s.othersTakeOver(ctx, victim, orphans, timeline.Killed)
}

func (s *story) oneFreezes(ctx context.Context) error {
	victim, err := s.pick("C")
	if err != nil {
		return err
	}
	orphans := s.Facts().OwnedBy(victim)
	process := s.processes[victim]
	s.Step(fmt.Sprintf("kill -STOP %d. %s stands still in the middle of its work, as in a long pause of its machine.", process.pid(), victim))
	if err := process.freeze(); err != nil {
		return err
	}
	if err := s.othersTakeOver(ctx, victim, orphans, timeline.Frozen); err != nil {
		return err
	}
	return s.itWakesTooLate(ctx, process, victim, len(orphans))
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

func (s *story) itWakesTooLate(ctx context.Context, process *process, victim string, lost int) error {
	s.Step(fmt.Sprintf("kill -CONT %d. %s believes that it still owns its streams, and writes what it was about to write, with its old tokens.", process.pid(), victim))
	if err := process.thaw(); err != nil {
		return err
	}
	heard := func(facts timeline.Facts) bool {
		return facts.Count(timeline.Disowned) >= lost && facts.Count(timeline.LateDone) > 0 &&
			facts.Count(timeline.LateDone) == facts.Count(timeline.Refused)
	}
	if err := s.until(ctx, heard); err != nil {
		facts := s.Facts()
		return fmt.Errorf("%s should hear that it lost %d streams and have a late write refused, but it heard of %d, and %d were refused: %w",
			victim, lost, facts.Count(timeline.Disowned), facts.Count(timeline.Refused), err)
	}
	// Others of its workers may be just as late.
	if err := pause(ctx, 300*time.Millisecond); err != nil {
		return err
	}
	if err := s.lateDonesWereRefused(); err != nil {
		return err
	}
	refused := s.Facts().Count(timeline.Refused)
	s.Say("%d late writes were refused, %d late Dones answered ErrDisowned, and %s was told StreamDisowned %d times.", refused, refused, victim, lost)
	return pause(ctx, 2*time.Second)
}

func (s *story) moreStreamsCome(ctx context.Context) error {
	s.Step(fmt.Sprintf("%d more streams are announced. Who woke up is a member like any other again, and owns the fewest.", late))
	if err := s.announce(ctx, early+1, early+late); err != nil {
		return err
	}
	if err := s.until(ctx, allWork); err != nil {
		return fmt.Errorf("waiting for all streams to have owners: %w", err)
	}
	_, _, text := s.spread()
	s.Say("Now %s.", text)
	return pause(ctx, 1500*time.Millisecond)
}

func (s *story) everythingIsFinished(ctx context.Context) error {
	s.Step("The producer ends the streams. Their owners process the rest and say Done.")
	if err := s.feed.end(ctx); err != nil {
		return err
	}
	announced := s.Facts().Count(timeline.Announced)
	all := func(facts timeline.Facts) bool { return facts.FinishedBy("") == announced }
	if err := s.until(ctx, all); err != nil {
		return fmt.Errorf("waiting for the end of all streams: %w", err)
	}
	if err := s.ledger.verify(ctx, s.feed); err != nil {
		return err
	}
	s.Say("All %d are finished, each once: the ledger has every record, in order, none twice.", announced)
	s.end()
	return nil
}

// yourTurn leaves the members to the user until Ctrl-C.
func (s *story) yourTurn(ctx context.Context) error {
	s.Step("Now it is your turn. From another terminal: kill -9 PID, kill -STOP PID, kill -CONT PID. Ctrl-C ends the streams.")
	if s.Until(ctx, s.allAreDead) == nil {
		return errors.New("all members are dead: nobody is left to finish the streams")
	}
	for _, process := range s.processes {
		_ = process.thaw() // a dead one stays dead
	}
	return s.everythingIsFinished(context.WithoutCancel(ctx))
}
