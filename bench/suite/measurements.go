package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/member"
)

// The names of the measurements.
const (
	Steady10k      = "10,000 streams held"
	Steady100k     = "100,000 streams held"
	Contexts100k   = "100,000 streams held, each with its context"
	Patient100k    = "100,000 streams held, TTL 10 s"
	Sweeping       = "the sweep, 40,000 streams, four members"
	Backlog        = "a backlog of 10,000, four members"
	Crashing       = "one of four killed, 10,000 streams"
	CrashCrowded   = "the same beside 1,000,000 keys of others"
	Announcing     = "an announcement every 250 ms, four idle members"
	AnnouncingFast = "an announcement every 25 ms, four idle members"
	HandingOff     = "hand-offs between two members"
	Renewing       = "renewals while 100,000 streams are claimed"
	MillionStream  = "1,000,000 streams, four members, TTL 10 s"
)

const (
	ttl = 2 * time.Second
	// patientTTL is for what a TTL of 2 s would be too short: a million of
	// streams, or 100,000 that are renewed one by one.
	patientTTL     = 10 * time.Second
	millionLongest = 6 * time.Minute
	// patience bounds the wait for a takeover.
	patience = time.Minute
)

var (
	native   = []string{member.Goredis}
	locks    = []string{member.Redsync, member.Redislock}
	ours     = append(native, locks...)
	everyone = append([]string{member.Baseline}, ours...)
)

// All is what make bench runs. Profiles is the folder for profiles of members
// that hold streams; empty: none.
func All(profiles string) []Measurement {
	steady := func(setup measure.Setup, streams int) func(context.Context, string) (measure.Figures, error) {
		setup.Profiles = profiles
		return steady(setup, streams)
	}
	return append([]Measurement{
		{Name: Steady10k, Stores: everyone, Run: steady(measure.Setup{TTL: ttl}, 10_000)},
		{Name: Steady100k, Stores: native, Run: steady(measure.Setup{TTL: ttl}, 100_000)},
		{Name: Contexts100k, Stores: native, Once: true, Run: steady(measure.Setup{TTL: ttl, Contexts: true}, 100_000)},
		{Name: Patient100k, Stores: locks, Once: true, Run: steady(measure.Setup{TTL: patientTTL}, 100_000)},
		{Name: Sweeping, Stores: ours, Once: true, Run: sweep},
		{Name: Backlog, Stores: everyone, Run: backlog},
		{Name: Crashing, Stores: everyone, Run: crash(0)},
		// The baseline does not end before it is stopped.
		{Name: CrashCrowded, Stores: everyone, OnceFor: []string{member.Baseline}, Run: crash(1_000_000)},
		{Name: Announcing, Stores: everyone, Run: announce(40, 250*time.Millisecond)},
		{Name: AnnouncingFast, Stores: everyone, Once: true, Run: announce(200, 25*time.Millisecond)},
		{Name: HandingOff, Stores: ours, Run: handOff},
		{Name: Renewing, Stores: native, Run: renew},
	}, append(members(), Growth()...)...)
}

func steady(setup measure.Setup, streams int) func(context.Context, string) (measure.Figures, error) {
	return func(ctx context.Context, store string) (measure.Figures, error) {
		setup.Store = store
		return measure.Steady(ctx, setup, streams, 10*time.Second)
	}
}

func sweep(ctx context.Context, store string) (measure.Figures, error) {
	return measure.Sweep(ctx, measure.Setup{Store: store, TTL: patientTTL, Processes: 4}, 40_000, 5*time.Second)
}

func backlog(ctx context.Context, store string) (measure.Figures, error) {
	return measure.Assignment(ctx, measure.Setup{Store: store, TTL: ttl, Processes: 4}, 10_000)
}

func crash(neighbours int) func(context.Context, string) (measure.Figures, error) {
	return func(ctx context.Context, store string) (measure.Figures, error) {
		setup := measure.Setup{Store: store, TTL: ttl, Processes: 4, Neighbours: neighbours}
		return measure.Crash(ctx, setup, 10_000, patience)
	}
}

func announce(streams int, between time.Duration) func(context.Context, string) (measure.Figures, error) {
	return func(ctx context.Context, store string) (measure.Figures, error) {
		return measure.Announcement(ctx, measure.Setup{Store: store, TTL: ttl, Processes: 4}, streams, between)
	}
}

func handOff(ctx context.Context, store string) (measure.Figures, error) {
	return measure.HandOff(ctx, measure.Setup{Store: store, TTL: ttl, Processes: 2}, 100)
}

func renew(ctx context.Context, store string) (measure.Figures, error) {
	return measure.HeadOfLine(ctx, measure.Setup{Store: store, TTL: ttl}, 100_000, patience)
}

// MemberCounts are the sizes of the fleets of MembersOf.
var MemberCounts = []int{2, 8, 32, 128}

// MembersOf is the name of the measurement of a fleet of that size.
func MembersOf(count int) string { return fmt.Sprintf("%d members, 100,000 streams", count) }

// mostProcesses is how many processes the members of a large fleet share.
const mostProcesses = 8

func members() (all []Measurement) {
	for _, count := range MemberCounts {
		processes := min(count, mostProcesses)
		setup := measure.Setup{Store: member.Goredis, TTL: patientTTL, Processes: processes, MembersEach: count / processes}
		all = append(all, Measurement{Name: MembersOf(count), Stores: native, Once: true,
			Run: func(ctx context.Context, _ string) (measure.Figures, error) {
				return measure.Members(ctx, setup, 100_000, 10*time.Second, patience)
			}})
	}
	return all
}

// GrowthSizes are the numbers of streams along which costs are fitted.
var GrowthSizes = []int{1_000, 10_000, 100_000, 1_000_000}

// GrowthTo is the name of the measurement of that size.
func GrowthTo(streams int) string { return fmt.Sprintf("growth, %d streams", streams) }

// Growth measures each cost at each size.
func Growth() (all []Measurement) {
	for _, streams := range GrowthSizes {
		all = append(all, Measurement{Name: GrowthTo(streams), Stores: native, Once: true, Longest: millionLongest,
			Run: func(ctx context.Context, store string) (measure.Figures, error) {
				// No round of the sweep falls into it: one is measured apart.
				setup := measure.Setup{Store: store, TTL: patientTTL, SweepInterval: 24 * time.Hour}
				return measure.Growth(ctx, setup, streams, 15*time.Second, 5*patience)
			}})
	}
	return all
}

// Million is what make bench-million runs.
func Million() []Measurement {
	return []Measurement{{Name: MillionStream, Stores: native, Longest: millionLongest,
		Run: func(ctx context.Context, store string) (measure.Figures, error) {
			setup := measure.Setup{Store: store, TTL: patientTTL, Processes: 4, SweepInterval: 30 * time.Second}
			return measure.Million(ctx, setup, 1_000_000, time.Minute, 5*patience)
		}}}
}
