package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func chronicled(t *testing.T, scenario string, options Options) Result {
	t.Helper()
	s, err := FindScenario(scenario)
	require.NoError(t, err)
	options.Trace, options.Chronicle = true, true
	return Run(s, options)
}

func TestAChronicleChangesNothing(t *testing.T) {
	for _, scenario := range Scenarios() {
		without, with := Run(scenario, Options{Seed: 3}), Run(scenario, Options{Seed: 3, Chronicle: true})
		require.Equal(t, without.Hash, with.Hash, scenario.Name)
		require.Empty(t, without.Chronicle, scenario.Name)
	}
}

func TestAChronicleTellsOfEachLeaseAndTenureOfTheTrace(t *testing.T) {
	for _, scenario := range Scenarios() {
		r := chronicled(t, scenario.Name, Options{Seed: 5})
		begun := 0
		for _, event := range r.Trace {
			if event.Kind == Began {
				tenure := r.Chronicle.Tenures[begun]
				require.Equal(t, event.Member, tenure.Member, scenario.Name)
				require.Equal(t, event.Ref, tenure.Ref, scenario.Name)
				require.Equal(t, event.Token, tenure.Token, scenario.Name)
				require.Equal(t, event.At, tenure.Began, scenario.Name)
				begun++
			}
		}
		require.Len(t, r.Chronicle.Tenures, begun, scenario.Name)
		require.NotEmpty(t, r.Chronicle.Leases, scenario.Name)
	}
}

func TestALeaseEndsAtItsLastTermOrBefore(t *testing.T) {
	for _, scenario := range Scenarios() {
		r := chronicled(t, scenario.Name, Options{Seed: 5})
		for _, lease := range r.Chronicle.Leases {
			terms := r.Chronicle.Terms[lease.Terms]
			require.NotEmpty(t, terms, "%s: %v", scenario.Name, lease)
			require.LessOrEqual(t, lease.Ends, terms[len(terms)-1].Until, "%s: %v", scenario.Name, lease)
			require.LessOrEqual(t, lease.Begins, lease.Ends, scenario.Name)
		}
	}
}

// A member that stands still stops believing a margin before the store ends its
// lease, although it says so only when it goes on.
func TestBeliefEndsAMarginBeforeTheLease(t *testing.T) {
	r := chronicled(t, "gc-pause", Options{Seed: 1})
	found := 0
	for i := range r.Chronicle.Tenures {
		tenure := &r.Chronicle.Tenures[i]
		if tenure.Ending != "local validity over" {
			continue
		}
		found++
		lease := leaseOf(t, &r.Chronicle, tenure)
		valid := r.Chronicle.ValidUntil(tenure)
		require.Less(t, valid, lease.Ends)
		require.InDelta(t, time.Second, lease.Ends-valid, float64(10*time.Millisecond), "the margin is a tenth of the TTL")
		require.Equal(t, 33*time.Second, tenure.Ended, "it learns of it when it thaws")
	}
	require.Positive(t, found)
}

// Of real servers what they hold is read; on a quorum it is what a majority has.
func TestOverRealAdaptersBeliefsLieInsideOfLeases(t *testing.T) {
	scenario, err := FindScenario("gc-pause")
	require.NoError(t, err)
	for _, fleet := range fleets {
		scenario.Setup.Lease = fleet.lease
		r := runReal(t, scenario, Options{Seed: 1, Chronicle: true}, fleet.locks)
		require.Equal(t, r.Hash, runReal(t, scenario, Options{Seed: 1}, fleet.locks).Hash, "a chronicle changes nothing on %s", fleet.name)
		require.NotEmpty(t, r.Chronicle.Tenures)
		for i := range r.Chronicle.Tenures {
			tenure := &r.Chronicle.Tenures[i]
			lease := leaseOf(t, &r.Chronicle, tenure)
			require.LessOrEqual(t, lease.Begins, tenure.Began, "%s: %v", fleet.name, tenure.Ref)
			require.Less(t, r.Chronicle.ValidUntil(tenure), lease.Ends, "%s: %v", fleet.name, tenure.Ref)
		}
	}
}

func TestAClockThatLosesTooMuchBelievesLongerThanTheStoreKeeps(t *testing.T) {
	r := chronicled(t, "clock-drift-outside", Options{Seed: 1})
	longer := false
	for i := range r.Chronicle.Tenures {
		tenure := &r.Chronicle.Tenures[i]
		longer = longer || r.Chronicle.ValidUntil(tenure) > leaseOf(t, &r.Chronicle, tenure).Ends
	}
	require.True(t, longer)
}

func TestAFlushEndsEveryLease(t *testing.T) {
	r := chronicled(t, "store-flushed", Options{Seed: 1})
	ended := 0
	for _, lease := range r.Chronicle.Leases {
		if lease.Begins < 18*time.Second {
			require.LessOrEqual(t, lease.Ends, 18*time.Second)
			ended++
		}
	}
	require.Positive(t, ended)
}

func leaseOf(t *testing.T, c *Chronicle, tenure *TenureSpan) *LeaseSpan {
	t.Helper()
	for i := range c.Leases {
		if c.Leases[i].Token == tenure.Token && c.Leases[i].Ref.Name == tenure.Ref.Name {
			return &c.Leases[i]
		}
	}
	require.Fail(t, "a tenure without a lease", "%v", tenure)
	return nil
}

// The member's last renewal lies before its clock slows down, so only the clock
// moves the end of what it believes.
func TestAClockThatSlowsDownMovesTheEndOfABelief(t *testing.T) {
	text := "with members=2 streams=2 workmin=60s workmax=60s faults=40s\nat 18s cut m1 calls 20s\nat 22s drift m1 -40% 15s\n"
	scenario, err := ParseScenario("slowing", text)
	require.NoError(t, err)
	r := Run(scenario, Options{Seed: 1, Chronicle: true})
	moved := 0
	for i := range r.Chronicle.Tenures {
		for _, term := range r.Chronicle.Terms[r.Chronicle.Tenures[i].Terms] {
			if term.From == 22*time.Second {
				require.Greater(t, term.Until, 27*time.Second)
				moved++
			}
		}
	}
	require.Positive(t, moved)
}
