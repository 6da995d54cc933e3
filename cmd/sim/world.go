package main

import (
	"fmt"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// worldFlags change the world that a scenario, or a seed, describes.
type worldFlags struct {
	Lease    leaseName    `group:"World" placeholder:"STORE" help:"Lease store: goredis, redsync, redsync-quorum, redislock or memory."`
	Source   sourceName   `group:"World" placeholder:"STORE" help:"Source: goredis or memory."`
	Notifier notifierName `group:"World" placeholder:"HOW" help:"How members hear of free streams: keyspace, deadline or none."`
	Members  *memberCount `group:"World" placeholder:"N" help:"Members that start at the beginning."`
	Streams  *streamCount `group:"World" placeholder:"N" help:"Streams that are announced."`
	Duration *span        `group:"World" placeholder:"TIME" help:"How long anything may happen, simulated; then a core of the fleet is healed and must recover."`
	Depth    depthName    `group:"World" default:"model" help:"How much is real: model (core and client over model stores; of the stores only their shape counts) or adapters (over the real adapters and the real go-redis, on simulated servers; slower)."`
	Ablate   ruleName     `group:"World" placeholder:"RULE" help:"Turn a safety rule off, to see that it is missed (sim list --rules)."`
}

// reshape changes a scenario's world. What the scenario expects in time is
// expected of the world it was written for, at model depth: reshape reports
// whether that was taken out.
func (f *worldFlags) reshape(s *sim.Scenario) (unexpected bool) {
	before := s.Setup
	if f.Lease != "" {
		s.Setup.Lease = f.Lease.shape()
	}
	if f.Notifier != "" {
		s.Setup.Notifier = f.Notifier.notifier()
	}
	if f.Members != nil {
		s.Setup.Members = int(*f.Members)
	}
	if f.Streams != nil {
		s.Setup.Streams = int(*f.Streams)
	}
	if f.Duration != nil {
		s.Setup.Faults = time.Duration(*f.Duration)
	}
	before.Lease = s.Setup.Lease // any lease store must do
	same := s.Setup == before && f.Depth != adaptersDepth
	if same || len(s.Expects) == 0 {
		return false
	}
	s.Expects = nil
	return true
}

// arguments are the flags as they must be given again; each begins with a
// blank.
func (f *worldFlags) arguments() string {
	text := ""
	add := func(flag string, value any) { text += fmt.Sprintf(" --%s %v", flag, value) }
	if f.Lease != "" {
		add("lease", f.Lease)
	}
	if f.Source != "" {
		add("source", f.Source)
	}
	if f.Notifier != "" {
		add("notifier", f.Notifier)
	}
	if f.Members != nil {
		add("members", *f.Members)
	}
	if f.Streams != nil {
		add("streams", *f.Streams)
	}
	if f.Duration != nil {
		add("duration", time.Duration(*f.Duration))
	}
	if f.Depth == adaptersDepth {
		add("depth", f.Depth)
	}
	if f.Ablate != "" {
		add("ablate", f.Ablate)
	}
	return text
}

// describe is the world in a line.
func (f *worldFlags) describe(seed uint64, s sim.Setup) string {
	s = s.Filled()
	return fmt.Sprintf("seed %d, %s depth, %s leases, %s, %s, %s",
		seed, f.Depth, f.leasesInWords(s.Lease), f.notifierOf(s), plural(s.Members, "member"), plural(s.Streams, "stream"))
}

// leasesInWords names what a run has: of the model's stores only the shape
// counts.
func (f *worldFlags) leasesInWords(shape sim.Lease) string {
	if f.Depth == adaptersDepth {
		return string(f.Lease.store(shape))
	}
	return shape.String()
}

// notifierOf names what a run has: goredis has no other notifier than the one
// that polls deadlines.
func (f *worldFlags) notifierOf(s sim.Setup) string {
	if f.Depth == adaptersDepth && s.Notifier == sim.Keyspace && f.Lease.store(s.Lease) == "goredis" {
		return notifierInWords(sim.Deadline) + " (goredis has no other)"
	}
	return notifierInWords(s.Notifier)
}

func notifierInWords(n sim.Notifier) string {
	if n == sim.Silent {
		return "no notifier"
	}
	return n.String() + " notifier"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(int64(n)) + " " + noun + "s"
}
