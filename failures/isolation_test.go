package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestTwoServicesOnOneServerDoNotHearOfEachOtherAlsoWhenOneNameBeginsTheOther(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	expectIsolated(t, place{server, 0, "orders"}, place{server, 0, "orders-input"})
}

func TestTwoServicesOfOneNameInTwoDatabasesDoNotHearOfEachOther(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	expectIsolated(t, place{server, 0, serviceName}, place{server, 1, serviceName})
}

// expectIsolated runs two services at once, in which everything has the same
// name: members and streams. A member of one is killed. Members of the other
// hear nothing of it: finish looks for strangers, and for leases and records
// that do not fit.
func expectIsolated(t *testing.T, one, other place) {
	t.Helper()
	names := streamNames(testsize.Pick(100, 5_000))
	first := newScenarioAt(t, one, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	second := newScenarioAt(t, other, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	services := []*scenario{first, second}
	for _, service := range services {
		service.startMembers(2)
		service.announce(names...)
	}
	for _, service := range services {
		service.awaitOwned(service.announced)
		left, err := service.keys.left(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 2, left["members"], "members of the fleet")
		service.awaitListeners(2)
	}

	undisturbed := second.books.owners()
	first.members[0].kill9()
	first.awaitOwned(first.announced)
	stop := first.cutPubSub() // of both: they are on one server
	first.members[1].kill9()
	first.startMembers(2)
	first.awaitOwned(first.announced)
	stop()
	second.awaitSweeps(1)
	second.awaitOwned(second.announced)
	second.expectSameOwners(undisturbed)

	first.finish()
	second.awaitOwned(second.announced) // nothing of it is finished
	second.expectSameOwners(undisturbed)
	second.finish()
}

// awaitListeners waits until so many members, no more and no fewer, hear the
// service's hints: Redis's pub/sub knows no databases.
func (s *scenario) awaitListeners(count int64) {
	s.t.Helper()
	channel := s.keys.key(fmt.Sprint("hints:", s.keys.client.Options().DB))
	s.await(fmt.Sprintf("%d members listen on %s", count, channel), func() error {
		listeners, err := s.keys.client.PubSubNumSub(s.t.Context(), channel).Result()
		if err == nil && listeners[channel] != count {
			err = fmt.Errorf("%d listen", listeners[channel])
		}
		return err
	})
}
