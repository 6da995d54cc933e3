package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure12AnApplicationThatDoesNotReadMissesNoNotification(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second, Deaf: true})
	deaf := s.startMembers(1)[0]
	refs := s.announce(streamNames(testsize.Pick(2_000, 20_000))...)
	s.await("the lease store knows all streams", func() error { return s.eachIsLeased(refs) })
	s.awaitRenewals(4) // nobody has to read for that
	assert.Empty(t, s.books.begunBy(deaf), "what the application has heard")
	deaf.ask(actHear)
	s.awaitOwned(refs)
	lost := s.books.ownedBy(deaf)

	deaf.ask(actDeafen)
	s.await("the application has stopped reading", func() error {
		if !s.books.isDeaf(deaf) {
			return fmt.Errorf("%v reads", deaf)
		}
		return nil
	})
	s.settings.Deaf = false
	s.startMembers(1)
	deaf.freeze()
	s.awaitOwned(refs)
	deaf.thaw()
	s.awaitRenewals(4)
	deaf.ask(actHear)
	s.await("the application has heard of every loss", func() error { return s.eachWasDisowned(lost, 0) })
	s.finish()
}

// eachIsLeased reads the raw leases.
func (s *scenario) eachIsLeased(refs []streamlease.StreamRef) error {
	leases, err := s.keys.leases(s.t.Context())
	require.NoError(s.t, err)
	for _, ref := range refs {
		if leases[ref.Name].messageID != ref.MessageID {
			return fmt.Errorf("%v has no lease; %d have one", ref, len(leases))
		}
	}
	return nil
}
