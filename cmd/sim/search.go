package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim"
)

type searchCommand struct {
	Seed  uint64         `default:"1" help:"The first seed."`
	Seeds *positiveCount `placeholder:"N" help:"Go through so many seeds."`
	For   *span          `placeholder:"TIME" help:"Go on for so long, real time. One minute unless --seeds is given."`
	Grid  bool           `help:"Show which faults met which port calls, and which situations came about."`
	worldFlags
}

func (*searchCommand) Help() string {
	return `Each seed draws a world of its own: sizes, stores, which faults, how often. The first one that fails ends the search with the command that replays it. It is the first by its seed, on any number of cores. Ctrl-C ends a search too, with what it has seen so far.

Examples:

    sim search
    sim search --seeds 100000 --seed 1000000
    sim search --for 1h --lease redsync --notifier keyspace
    sim search --ablate no-self-fencing
    sim search --depth adapters --lease redsync --seeds 50`
}

// searched is what a search has seen.
type searched struct {
	counters sim.Counters
	hash     uint64
	failed   *sim.Result
	ended    time.Duration // real time
}

// Run searches.
func (s *searchCommand) Run(c *console) error {
	if err := s.checkDepth(); err != nil {
		return err
	}
	ctx, stop := commandline.UntilInterrupted()
	defer stop()
	c.remark("Searching; Ctrl-C ends it with what it has seen.")
	found := s.search(ctx, c)
	if ctx.Err() != nil {
		c.say("Interrupted.")
	}
	return s.conclude(c, &found)
}

func (s *searchCommand) search(ctx context.Context, c *console) (found searched) {
	began := time.Now()
	limit := s.limit()
	bar := commandline.NewProgress(c.complaints)
	defer bar.Close()
	begin := func(number int) bool {
		return ctx.Err() == nil && (s.Seeds == nil || uint64(number) < uint64(*s.Seeds)) &&
			(limit == 0 || number == 0 || time.Since(began) < limit)
	}
	inOrder(runtime.GOMAXPROCS(0), begin,
		func(number int) sim.Result {
			seed := s.Seed + uint64(number)
			return s.play(drawn(seed, &s.worldFlags), sim.Options{Seed: seed, Ablation: s.Ablate.off()})
		},
		func(number int, r sim.Result) bool {
			found.add(&r)
			bar.Reach(s.part(number+1, time.Since(began)), func() string {
				return plural(number+1, "seed") + ", " + longTime(found.counters.Simulated)
			})
			return found.failed == nil
		})
	found.ended = time.Since(began)
	return found
}

// limit is how long the search may take; 0: as long as it needs.
func (s *searchCommand) limit() time.Duration {
	switch {
	case s.For != nil:
		return time.Duration(*s.For)
	case s.Seeds != nil:
		return 0
	default:
		return time.Minute
	}
}

// part is how far the search has come, from 0 to 1.
func (s *searchCommand) part(runs int, elapsed time.Duration) (part float64) {
	if s.Seeds != nil {
		part = float64(runs) / float64(*s.Seeds)
	}
	if limit := s.limit(); limit > 0 {
		part = max(part, elapsed.Seconds()/limit.Seconds())
	}
	return min(part, 1)
}

func (f *searched) add(r *sim.Result) {
	f.counters.Add(r.Counters)
	f.hash = sim.Chain(f.hash, r.Hash)
	if !r.Held() {
		f.failed = r
	}
}

func (f *searched) counted() string {
	return fmt.Sprintf("%s, %s", plural(int(f.counters.Runs), "seed"), work(&f.counters))
}

func (s *searchCommand) conclude(c *console, found *searched) error {
	if found.failed != nil {
		c.say("Seed %d fails.", found.failed.Seed)
		c.sayVerdict(found.failed)
		c.say("replay it with: %sreplay %d%s", program, found.failed.Seed, s.arguments())
		c.say("")
	} else {
		c.say("Everything held.")
		c.sayChecks(&found.counters)
	}
	if s.Grid {
		c.sayGrid(&found.counters)
	}
	c.say("%s; seeds from %d on, in %.1f s", found.counted(), s.Seed, found.ended.Seconds())
	c.say("hash %016x", found.hash)
	if found.failed != nil {
		return errViolated
	}
	return nil
}
