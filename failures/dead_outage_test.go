package failures_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

// outage is how a server goes away and comes back.
type outage struct {
	directives []string
	begin, end func(server *redistest.Server)
}

// outages keep the server's data.
var outages = map[string]outage{
	"stopped": {
		begin: (*redistest.Server).Stop,
		end:   func(server *redistest.Server) { server.Launch(); server.AwaitReady() },
	},
	"killed, with AOF": {
		directives: []string{"appendonly yes", "appendfsync always"},
		begin:      (*redistest.Server).Kill9,
		end:        func(server *redistest.Server) { server.Launch(); server.AwaitReady() },
	},
	"frozen": {begin: (*redistest.Server).Freeze, end: (*redistest.Server).Thaw},
}

// losses are how a server loses all data; fenced waits until the members have
// given up what they owned. Where it is not called they notice while they own it.
var losses = map[string]func(s *scenario, fenced func()){
	"FLUSHALL": func(s *scenario, _ func()) {
		require.NoError(s.t, s.keys.client.FlushAll(s.t.Context()).Err())
	},
	"restarted empty": func(s *scenario, _ func()) { s.server.RestartEmpty() },
	"away, then empty": func(s *scenario, fenced func()) {
		s.server.Kill9()
		fenced()
		s.server.RestartEmpty()
	},
}

// atOnce runs the cases beside one another, whatever the number of processors:
// they mostly wait.
func atOnce[C any](t *testing.T, cases map[string]C, run func(t *testing.T, c C)) {
	var running sync.WaitGroup
	for name, c := range cases {
		running.Go(func() {
			t.Run(name, func(t *testing.T) { run(t, c) })
		})
	}
	running.Wait()
}

func TestAMemberKeepsWhatItOwnsWhileItsServerIsAwayForLessThanTheLeaseIsValid(t *testing.T) {
	t.Parallel()
	atOnce(t, outages, func(t *testing.T, outage outage) {
		s, refs := newOutage(t, outage, time.Minute)
		owners := s.books.owners()
		outage.begin(s.server)
		<-time.After(time.Second)
		outage.end(s.server)
		refs = append(refs, s.announce("after the outage")...)
		s.awaitOwned(refs)
		for ref, owner := range owners {
			assert.False(t, s.books.of(owner[0]).over, "%v gave up %v", owner[0].member, ref)
		}
		s.finish()
	})
}

func TestMembersFenceThemselvesWhenTheirServerStaysAwayAndResumeByThemselves(t *testing.T) {
	t.Parallel()
	atOnce(t, outages, func(t *testing.T, outage outage) {
		s, refs := newOutage(t, outage, 2*time.Second)
		before, began := s.books.owners(), s.now()
		outage.begin(s.server)
		s.awaitEachDisowned(before, began)
		outage.end(s.server)
		s.awaitOwned(refs)
		s.expectNothingCounted(refs, before)
		s.finish()
	})
}

func TestMembersGoOnWithWhatIsAnnouncedAfterTheirServerLostItsData(t *testing.T) {
	t.Parallel()
	atOnce(t, losses, func(t *testing.T, lose func(*scenario, func())) {
		s, lost := newOutage(t, outage{}, 2*time.Second)
		before, began := s.books.owners(), s.now()
		fenced := func() { s.awaitEachDisowned(before, began) }
		lose(s, fenced)
		fenced()

		var names []string
		for _, ref := range lost {
			names = append(names, ref.Name)
		}
		refs := s.announce(names...)
		s.awaitOwned(refs)
		s.expectNothingCounted(refs, before)
		s.finishAfterLoss(refs)
	})
}

// finishAfterLoss is finish when some of what was announced is lost with the
// data of the server.
func (s *scenario) finishAfterLoss(kept []streamlease.StreamRef) {
	s.t.Helper()
	all := s.announced
	for _, member := range s.living() {
		member.ask(actFinish)
	}
	s.await("all that was not lost is done, and nothing is left", func() error {
		if done := s.books.doneCount(); done < len(kept) {
			return fmt.Errorf("%d are done", done)
		}
		return s.nothingLeft(ofMembers...)
	})
	s.endMembers()
	s.expectClosedMembersForgotten()
	s.announced = kept
	s.expectFinishedOnce()
	s.announced = all
	s.expectNoMistakes()
}

func TestNothingIsLostWhenTheServerForgetsItsScriptsAgainAndAgain(t *testing.T) {
	t.Parallel()
	s, refs := newOutage(t, outage{}, time.Minute)
	owners := s.books.owners()
	for round := range testsize.Pick(20, 1000) {
		require.NoError(t, s.keys.client.ScriptFlush(t.Context()).Err())
		refs = append(refs, s.announce(fmt.Sprint("announced in round ", round))...)
		s.await("each has an owner", func() error { return s.eachHasOneOwner(refs) })
	}
	for ref, owner := range owners {
		assert.False(t, s.books.of(owner[0]).over, "%v lost %v", owner[0].member, ref)
	}
	s.finish()
}

// newOutage has members that own streams.
func newOutage(t *testing.T, outage outage, ttl time.Duration) (*scenario, []streamlease.StreamRef) {
	t.Helper()
	server := redistest.Start(t, outage.directives...)
	s := newScenarioAt(t, place{server, 0, serviceName}, settings{TTL: ttl})
	s.startMembers(2)
	refs := s.announce(streamNames(testsize.Pick(40, 10_000))...)
	s.awaitOwned(refs)
	return s, refs
}

// awaitEachDisowned waits until the members have heard of the end of each
// tenure, and prints how long that took.
func (s *scenario) awaitEachDisowned(before map[streamlease.StreamRef][]tenure, began time.Duration) {
	s.t.Helper()
	s.await("the members have heard of every loss", func() error {
		for ref, owner := range before {
			if s.books.of(owner[0]).disowned == 0 {
				return fmt.Errorf("%v has not heard that it lost %v", owner[0].member, ref)
			}
		}
		return nil
	})
	var heard times
	for _, owner := range before {
		heard = append(heard, s.books.of(owner[0]).disowned-began)
	}
	s.t.Logf("TTL %v; heard StreamDisowned after the server had gone: %v", s.settings.TTL, heard)
}

// expectNothingCounted: an outage is nobody's fault, and tokens grow across it.
func (s *scenario) expectNothingCounted(refs []streamlease.StreamRef, before map[streamlease.StreamRef][]tenure) {
	s.t.Helper()
	tokens := map[string]streamlease.Token{}
	for ref, owner := range before {
		tokens[ref.Name] = owner[0].token
	}
	for _, ref := range refs {
		for _, tenure := range s.books.history(ref.Name) {
			assert.Zero(s.t, tenure.failures+tenure.crashes, "what was counted against %v, which %v began to own at %v", ref, tenure.member, tenure.began)
		}
		for _, owner := range s.books.owners()[ref] {
			assert.Greater(s.t, owner.token, tokens[ref.Name], "S2: the tokens of %s", ref.Name)
		}
	}
	quarantine, err := s.keys.quarantine(s.t.Context())
	require.NoError(s.t, err)
	assert.Empty(s.t, quarantine)
}
