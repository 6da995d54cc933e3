package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure05SIGKILLWhileABatchIsBeingTakenLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	// Each is the only member there is, has a batch of its own, comes upon what
	// those before it left, and gets a little further than they did.
	moments := []struct {
		name string
		come func(progress) bool
	}{
		{"it was delivered something", func(p progress) bool { return p.delivered > 0 }},
		{"it had a lease", func(p progress) bool { return p.leased > 0 }},
		{"its application was told of a stream", func(p progress) bool { return p.told > 0 }},
	}
	var orphans int
	for _, moment := range moments {
		before := len(s.announced)
		s.announce(streamNames(before + testsize.Pick(400, 5_000))[before:]...)
		at := s.killWhen(before, moment.come)
		t.Logf("killed when %s: %+v of %d", moment.name, at, len(s.announced)-before)
		orphans += at.delivered - at.leased
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

// progress is how far a member has come with a batch.
type progress struct{ delivered, leased, told int }

// killWhen starts a member and kills it when the moment has come, by how far
// it is with what was announced after the given number of streams.
func (s *scenario) killWhen(before int, come func(progress) bool) progress {
	s.t.Helper()
	victim := s.startMember()
	for began := s.now(); !come(s.progressOf(victim, before)); {
		require.Less(s.t, s.now()-began, patience, "%v does not come so far", victim)
	}
	victim.kill9()
	return s.progressOf(victim, before) // it changes no more
}

func (s *scenario) progressOf(member *member, before int) progress {
	s.t.Helper()
	ctx := s.t.Context()
	pending, err := s.keys.client.XPending(ctx, s.keys.stream(), s.keys.group()).Result()
	if err != nil {
		return progress{} // the member has not made the group yet
	}
	leases, err := s.keys.leases(ctx)
	require.NoError(s.t, err)
	at := progress{delivered: int(pending.Count) - before, told: len(s.books.begunBy(member))}
	for _, ref := range s.announced[before:] {
		if leases[ref.Name].messageID == ref.MessageID {
			at.leased++
		}
	}
	return at
}
