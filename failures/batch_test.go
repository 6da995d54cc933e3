package failures_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure05SIGKILLWhileABatchIsBeingTakenLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	// Each is the only member there is, meets a further batch and what those
	// before it left, and gets a little further than they did.
	moments := []struct {
		name string
		come func(progress) bool
	}{
		{"it was delivered something", func(p progress) bool { return p.delivered > 0 }},
		{"it had a lease", func(p progress) bool { return p.leased > 0 }},
		{"its application was told of a stream", func(p progress) bool { return p.told > 0 }},
	}
	var orphans int // delivered, never leased
	for _, moment := range moments {
		s.announceMore(testsize.Pick(400, 5_000))
		got := s.killWhen(moment.come)
		t.Logf("killed when %s: %+v", moment.name, got)
		orphans = max(orphans, got.delivered-got.leased)
	}
	require.Positive(t, orphans, "nobody was killed between delivery and lease; nothing was shown")

	began := s.now()
	s.startMembers(2)
	s.awaitOwned(s.announced)
	var recovery times
	for _, owners := range s.books.owners() {
		recovery = append(recovery, owners[0].began-began)
	}
	t.Logf("owned after two healthy members were started: %v", recovery)
	s.finish()
}

// progress is how much a member has got, or how much all of them have.
type progress struct{ delivered, leased, told int }

// killWhen starts a member, kills it when the moment has come, by what it has
// got itself, and returns what that was in the end.
func (s *scenario) killWhen(come func(progress) bool) progress {
	s.t.Helper()
	before, earlier := s.delivered(), s.leases()
	victim := s.startMember()
	got := func() progress {
		got := progress{delivered: s.delivered() - before, told: len(s.books.begunBy(victim))}
		for name, lease := range s.leases() {
			if lease != earlier[name] {
				got.leased++
			}
		}
		return got
	}
	for began := s.now(); !come(got()); {
		require.Less(s.t, s.now()-began, patience, "%v does not come so far", victim)
	}
	victim.kill9()
	return got() // it changes no more
}

// delivered counts what is in the pending lists.
func (s *scenario) delivered() int {
	s.t.Helper()
	pending, err := s.keys.client.XPending(s.t.Context(), s.keys.stream(), s.keys.group()).Result()
	if err != nil && strings.HasPrefix(err.Error(), "NOGROUP") {
		return 0 // the first member makes it
	}
	require.NoError(s.t, err)
	return int(pending.Count)
}

func (s *scenario) leases() map[string]rawLease {
	s.t.Helper()
	leases, err := s.keys.leases(s.t.Context())
	require.NoError(s.t, err)
	return leases
}
