package failures_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

func TestAServerThatIsOutOfMemoryRefusesNewWorkClearlyAndKeepsWhatIsOwned(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 4 * time.Second})
	members := s.startMembers(2)
	survivor, victim := members[0], members[1]
	refs := s.announce(streamNames(40)...)
	s.awaitOwned(refs)
	s.await("both own something", func() error {
		if len(s.books.ownedBy(survivor)) > 1 && len(s.books.ownedBy(victim)) > 1 {
			return nil
		}
		refs = append(refs, s.announce(fmt.Sprint("one more: ", len(refs)))...)
		return fmt.Errorf("they own %d and %d", len(s.books.ownedBy(survivor)), len(s.books.ownedBy(victim)))
	})
	s.awaitOwned(refs)
	kept, orphans := s.books.ownedBy(survivor), s.books.ownedBy(victim)

	full := s.now()
	s.setMaxMemory("1")
	s.expectAnnounceRefused()
	victim.kill9()
	for orphan := range orphans {
		s.expectClaimRefused(orphan)
		break
	}
	refused := s.refusals()
	s.await("the survivor has tried in vain to take over, and its leases would have expired twice", func() error {
		if passed := s.now() - full; s.refusals() == refused || passed < 2*s.settings.TTL {
			return fmt.Errorf("%d refusals after %v", s.refusals()-refused, passed)
		}
		return nil
	})
	for ref, tenure := range kept {
		assert.False(t, s.books.of(tenure).over, "%v lost %v", survivor, ref)
	}
	var done streamlease.StreamRef
	for done = range kept {
		break
	}
	survivor.ask(actFinish, done)
	s.await("a stream can be finished", func() error {
		if !s.books.isDone(done) {
			return fmt.Errorf("%v is not done", done)
		}
		return nil
	})
	assert.Len(t, s.books.ownedBy(survivor), len(kept)-1, "what the survivor owns without memory for more")

	s.setMaxMemory("0")
	var rest []streamlease.StreamRef
	for _, ref := range refs {
		if ref != done {
			rest = append(rest, ref)
		}
	}
	s.awaitOwned(rest)
	s.finish()
}

func (s *scenario) setMaxMemory(bytes string) {
	s.t.Helper()
	require.NoError(s.t, s.keys.client.ConfigSet(s.t.Context(), "maxmemory", bytes).Err())
}

func (s *scenario) expectAnnounceRefused() {
	s.t.Helper()
	_, err := s.producer.Announce(s.t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: "too much"}})
	s.t.Logf("announce: %v", err)
	assert.ErrorIs(s.t, err, streamlease.ErrRefused)
	for _, says := range []string{"OOM", s.server.Addr(), "too much", "raise maxmemory"} {
		assert.ErrorContains(s.t, err, says)
	}
}

// expectClaimRefused joins with one more member, which claims what nobody owns.
func (s *scenario) expectClaimRefused(orphan streamlease.StreamRef) {
	s.t.Helper()
	client, _ := newClient(s.t, s.keys.client, streamlease.Config{TTL: s.settings.TTL, ManualClaim: true})
	notifications, err := client.Init(s.t.Context())
	require.NoError(s.t, err)
	go readOn(notifications)
	s.await("a Claim meets the server's refusal, no live owner any more", func() error {
		if _, err = client.Claim(s.t.Context(), orphan); err == nil {
			return errors.New("it succeeded")
		}
		if errors.Is(err, streamlease.ErrHeld) {
			return err
		}
		return nil
	})
	s.t.Logf("claim: %v", err)
	assert.ErrorIs(s.t, err, streamlease.ErrRefused)
	for _, says := range []string{"OOM", s.server.Addr(), orphan.Name, "raise maxmemory"} {
		assert.ErrorContains(s.t, err, says)
	}
	require.NoError(s.t, client.Close(s.t.Context()))
}

// refusals is how many commands the server refused for lack of memory.
func (s *scenario) refusals() int {
	s.t.Helper()
	info, err := s.keys.client.Info(s.t.Context(), "errorstats").Result()
	require.NoError(s.t, err)
	for line := range strings.Lines(info) {
		if count, found := strings.CutPrefix(line, "errorstat_OOM:count="); found {
			number, err := strconv.Atoi(strings.TrimSpace(count))
			require.NoError(s.t, err)
			return number
		}
	}
	return 0
}
