package failures_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

const (
	cellStreams = 10 // that are owned when the fault strikes
	// triggerEvery is the time between two streams that are announced, or
	// finished, to make the call come.
	triggerEvery = 100 * time.Millisecond
)

// latenesses are how late a request may execute, by round.
var latenesses = []time.Duration{gridTTL / 10, 0, gridRenewal, gridTTL, 2 * gridTTL}

// unknownScenario is one cell under way.
type unknownScenario struct {
	*scenario
	cell   *cell
	server string
	// repeated are the streams whose member was killed between its last effect
	// and the answer of Done: at least once may be twice.
	repeated map[streamlease.StreamRef]bool
	finished map[streamlease.StreamRef]bool // or asked to be
}

func (c *cell) run(t *testing.T, store, effects *redistest.Server, rounds int) {
	s := newUnknownScenario(t, c, store, effects)
	for round := range rounds {
		c.settled = append(c.settled, s.round(latenesses[round%len(latenesses)]))
	}
	s.finish()
	assert.Equal(t, rounds, c.hits, "faults that struck")
}

func newUnknownScenario(t *testing.T, cell *cell, store, effects *redistest.Server) *unknownScenario {
	inDatabase := func(o *redis.Options) { o.DB = cell.database }
	client := store.Client(t, inDatabase)
	s := &scenario{
		t: t, books: newBooks(), epoch: time.Now(), server: store,
		keys:     layout{client, serviceName},
		resource: resource{effects.Client(t, inDatabase)},
		producer: newProducer(t, client),
	}
	s.settings = settings{
		Service: serviceName, Epoch: s.epoch.UnixNano(), TTL: gridTTL, SweepInterval: gridRenewal,
		Resource: fmt.Sprintf("redis://%s/%d", effects.Addr(), cell.database),
	}
	return &unknownScenario{
		scenario: s, cell: cell, server: store.Addr(),
		repeated: map[streamlease.StreamRef]bool{}, finished: map[streamlease.StreamRef]bool{},
	}
}

// round lets the fault strike once, and returns how long after its end all was
// in order.
func (s *unknownScenario) round(lateness time.Duration) time.Duration {
	s.t.Helper()
	fault := newFault(s.cell.call, s.cell.mishap)
	fault.lateness = lateness
	s.completeFleet()
	victim, proxy := s.startVictim()
	if s.cell.opens {
		proxy.arm(fault)
	}
	s.announceMore(cellStreams)
	if !s.cell.opens {
		s.awaitShare(victim)
		s.awaitOwned(s.unfinished())
		proxy.arm(fault)
	}
	s.await("the fault has struck", func() error { return s.provoke(victim, fault) })
	s.cell.hits++
	if s.cell.killed {
		s.kill(victim)
	}
	s.await("the fault is over", func() error { return s.unlessGiven(fault.over, "something is still under way") })
	renewedAgain := time.After(gridRenewal)
	settled := s.awaitOrder()
	<-renewedAgain
	s.awaitOrder()
	if !s.cell.killed {
		victim.beginClose()
		s.awaitOwned(s.unfinished())
		victim.awaitEnd()
	}
	return settled
}

// completeFleet sees to it that somebody lives who can take over.
func (s *unknownScenario) completeFleet() {
	if len(s.living()) == 0 {
		s.settings.Redis = fmt.Sprintf("redis://%s/%d", s.server, s.cell.database)
		s.startMembers(1)
	}
}

// startVictim starts a member behind a proxy.
func (s *unknownScenario) startVictim() (*member, *proxy) {
	proxy := startProxy(s.t, s.server)
	s.settings.Redis = proxy.URL(s.cell.database)
	return s.startMembers(1)[0], proxy
}

// provoke makes the call come: by announcements, and by work that ends.
func (s *unknownScenario) provoke(victim *member, fault *fault) error {
	if fault.struck.isGiven() {
		return nil
	}
	select {
	case <-fault.struck.given:
		return nil
	case <-time.After(triggerEvery):
	}
	switch s.cell.call {
	case callSettle, callRelease:
		s.finishOneOf(victim)
	case callFetch, callAwait, callTake, callAcquire:
	default:
		return s.unlessGiven(fault.struck, "the call has not come")
	}
	s.announceMore(1)
	return s.unlessGiven(fault.struck, "the call has not come")
}

func (s *unknownScenario) finishOneOf(victim *member) {
	for ref := range s.books.ownedBy(victim) {
		if !s.finished[ref] {
			s.finished[ref] = true
			victim.ask(actFinish, ref)
			return
		}
	}
}

// kill notes what was about to be done at the moment of death.
func (s *unknownScenario) kill(victim *member) {
	victim.kill9()
	for ref := range s.finished {
		if !s.books.isDone(ref) {
			s.repeated[ref] = true
			delete(s.finished, ref)
		}
	}
}

// unfinished are the streams that must have an owner. What was about to be done
// when its member died may be done, or not; that is seen in Redis.
func (s *unknownScenario) unfinished() []streamlease.StreamRef {
	return slices.DeleteFunc(slices.Clone(s.announced), func(ref streamlease.StreamRef) bool {
		return s.finished[ref] || s.repeated[ref]
	})
}

// awaitOrder waits until each stream has one owner, and until no lease is there
// of which its holder does not know.
func (s *unknownScenario) awaitOrder() time.Duration {
	s.t.Helper()
	return s.await("each stream has one owner, and there is no other lease", func() error {
		return errors.Join(s.eachHasOneOwner(s.unfinished()), s.storesAgree(s.unfinished()), s.everyLeaseIsKnown())
	})
}

func (s *unknownScenario) everyLeaseIsKnown() error {
	leases, err := s.keys.leases(s.t.Context())
	if err != nil {
		return err
	}
	for _, owners := range s.books.owners() {
		if leases[owners[0].ref.Name].token == owners[0].token {
			delete(leases, owners[0].ref.Name)
		}
	}
	if len(leases) > 0 {
		return fmt.Errorf("there are leases of which no member knows: %v", slices.Sorted(maps.Keys(leases)))
	}
	return nil
}

// finish is the end of any scenario, but that at least once may be twice for
// what a member was about to be done with when it was killed.
func (s *unknownScenario) finish() {
	s.t.Helper()
	for _, member := range s.living() {
		member.ask(actFinish)
	}
	s.await(fmt.Sprintf("all %d streams are done, and nothing of them is left", len(s.announced)), func() error {
		for _, ref := range s.announced {
			if !s.books.isDone(ref) && !s.repeated[ref] {
				return fmt.Errorf("%v is not done", ref)
			}
		}
		return s.nothingLeft(ofMembers...)
	})
	s.endMembers()
	s.expectClosedMembersForgotten()
	s.expectNoMistakes()
	s.expectEachFinished()
}

func (s *unknownScenario) expectEachFinished() {
	s.t.Helper()
	finished, err := s.resource.finished(s.t.Context())
	require.NoError(s.t, err)
	for _, ref := range s.announced {
		count := finished[ref.String()]
		atMost := 1
		if s.repeated[ref] {
			atMost = 2
		}
		assert.True(s.t, count >= 1 && count <= int64(atMost), "%v was finished by %d accepted effects", ref, count)
	}
}

func (s *unknownScenario) unlessGiven(signal *signal, missing string) error {
	if signal.isGiven() {
		return nil
	}
	return errors.New(missing)
}

// isDone reports whether a member says that it did the stream.
func (b *books) isDone(ref streamlease.StreamRef) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, done := b.done[ref]
	return done
}
