package failures_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

// patience bounds every wait. It is more than ten times what any of them takes:
// no test fails because a machine is slow.
var patience = testsize.Pick(time.Minute, 10*time.Minute)

// lookEvery is the least time between two looks at a condition. A look that
// takes long is rarer: the members are to have the machine.
const lookEvery = 10 * time.Millisecond

// await waits until the condition holds, prints how long that took, and returns
// it. The condition's error says what is missing. The test fails at once when a
// member ends that should not.
func (s *scenario) await(what string, condition func() error) time.Duration {
	s.t.Helper()
	return s.awaitWithin(patience, what, condition)
}

func (s *scenario) awaitWithin(bound time.Duration, what string, condition func() error) time.Duration {
	s.t.Helper()
	began := time.Now()
	for {
		looked := time.Now()
		missing := condition()
		pause := max(lookEvery, 10*time.Since(looked))
		took := time.Since(began)
		if missing == nil {
			s.t.Logf("%s: after %v", what, took.Round(time.Millisecond))
			return took
		}
		require.NoError(s.t, s.health(), "while waiting until %s", what)
		if took > bound {
			require.Fail(s.t, "waited in vain", "for %v, until %s: %v", bound, what, missing)
		}
		<-time.After(pause)
	}
}

// health is what makes waiting pointless.
func (s *scenario) health() error {
	var complaints []error
	for _, member := range s.members {
		complaints = append(complaints, member.health())
	}
	return errors.Join(complaints...)
}

// awaitOwned waits until each stream has exactly one owner that is awake, by
// the members' own words, and until the lease store and the resource say the
// same.
func (s *scenario) awaitOwned(refs []streamlease.StreamRef) {
	s.t.Helper()
	s.await(fmt.Sprintf("each of %d streams has one owner", len(refs)), func() error {
		return errors.Join(s.eachHasOneOwner(refs), s.storesAgree(refs))
	})
	for _, member := range s.living() {
		s.t.Logf("  %v owns %d", member, len(s.books.ownedBy(member)))
	}
}

// awaitShare waits until the member owns something, and announces more until it
// does: who has just joined does not fetch at once, and on a busy machine others
// may have got everything meanwhile.
func (s *scenario) awaitShare(member *member) {
	s.t.Helper()
	s.await(fmt.Sprintf("%v owns something", member), func() error {
		if len(s.books.ownedBy(member)) > 0 {
			return nil
		}
		<-time.After(triggerEvery)
		s.announceMore(1)
		return fmt.Errorf("%v owns nothing", member)
	})
}

// largestOwner is the member that owns most, to be the victim.
func (s *scenario) largestOwner() (largest *member, owned map[streamlease.StreamRef]tenure) {
	for _, member := range s.living() {
		if theirs := s.books.ownedBy(member); len(theirs) > len(owned) {
			largest, owned = member, theirs
		}
	}
	return largest, owned
}

func (s *scenario) eachHasOneOwner(refs []streamlease.StreamRef) error {
	owners := s.books.owners()
	var without, doubly []streamlease.StreamRef
	for _, ref := range refs {
		switch len(owners[ref]) {
		case 0:
			without = append(without, ref)
		case 1:
		default:
			doubly = append(doubly, ref)
		}
	}
	if len(without)+len(doubly) == 0 {
		return nil
	}
	return fmt.Errorf("%s have no owner, %s more than one", some(without), some(doubly))
}

// eachOwns is what is missing until each of the members owns so many streams.
func (s *scenario) eachOwns(count int, members ...*member) error {
	for _, member := range members {
		if owned := len(s.books.ownedBy(member)); owned != count {
			return fmt.Errorf("%v owns %d, not %d", member, owned, count)
		}
	}
	return nil
}

// storesAgree compares the owners' words with the raw leases and with the
// tokens that reached the resource.
func (s *scenario) storesAgree(refs []streamlease.StreamRef) error {
	leases, err := s.keys.leases(s.t.Context())
	if err != nil {
		return err
	}
	tokens, err := s.resource.tokens(s.t.Context())
	if err != nil {
		return err
	}
	owners := s.books.owners()
	for _, ref := range refs {
		for _, owner := range owners[ref] {
			if lease := leases[ref.Name]; lease.token != owner.token || lease.messageID != ref.MessageID {
				return fmt.Errorf("%v owns %v with token %d, the lease store says %+v", owner.member, ref, owner.token, lease)
			}
			if tokens[ref.Name] != owner.token {
				return fmt.Errorf("%v owns %v with token %d, the resource knows %d", owner.member, ref, owner.token, tokens[ref.Name])
			}
		}
	}
	return nil
}

// expectSameOwners: none of these tenures has ended.
func (s *scenario) expectSameOwners(earlier map[streamlease.StreamRef][]tenure) {
	s.t.Helper()
	for ref, owners := range earlier {
		for _, owner := range owners {
			assert.False(s.t, s.books.of(owner).over, "%v has lost %v with token %d", owner.member, ref, owner.token)
		}
	}
}

// some shows the first of many, and how many there are.
func some(refs []streamlease.StreamRef) string {
	const shown = 3
	if len(refs) <= shown {
		return fmt.Sprintf("%d %v", len(refs), refs)
	}
	return fmt.Sprintf("%d %v…", len(refs), refs[:shown])
}

// times are durations, for printing.
type times []time.Duration

// String gives the median, the 99th percentile and the last.
func (t times) String() string {
	if len(t) == 0 {
		return "none"
	}
	sorted := slices.Sorted(slices.Values(t))
	at := func(part float64) time.Duration {
		return sorted[int(part*float64(len(sorted)-1))].Round(time.Millisecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, last %v", at(0.5), at(0.99), at(1))
}
