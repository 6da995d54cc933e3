package failures_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// finish lets the members finish every stream that was announced, ends them,
// and compares the books, the resource and Redis.
func (s *scenario) finish() {
	s.t.Helper()
	for _, member := range s.living() {
		member.ask(actFinish)
	}
	s.await(fmt.Sprintf("all %d streams are done, and nothing of them is left", len(s.announced)), func() error {
		if done := s.books.doneCount(); done < len(s.announced) {
			return fmt.Errorf("%d are done", done)
		}
		return s.nothingLeft(ofMembers...)
	})
	s.endMembers()
	s.expectClosedMembersForgotten()
	s.expectFinishedOnce()
	s.expectNoMistakes()
}

// ofMembers is what belongs to members, not to streams: at most one of each
// for each member.
var ofMembers = []string{"sessions", "session states", "members", "consumers", "tallies"}

// endMembers ends them all by Close.
func (s *scenario) endMembers() {
	s.t.Helper()
	closing := s.living()
	for _, member := range closing {
		member.beginClose()
	}
	for _, member := range closing {
		member.awaitEnd()
	}
	require.NoError(s.t, s.health())
}

// expectClosedMembersForgotten: who closes leaves at once, and only who was
// killed is still known. What is harmless and left is collected later by
// whoever lives then: an empty session, and the consumer of a member that left
// before others had taken over the last of what was pending for it.
func (s *scenario) expectClosedMembersForgotten() {
	s.t.Helper()
	killed := int64(0)
	for _, member := range s.members {
		if !member.process.State().Success() {
			killed++
		}
	}
	left, err := s.keys.left(s.t.Context())
	require.NoError(s.t, err)
	for _, kind := range []string{"members", "tallies"} {
		assert.LessOrEqual(s.t, left[kind], killed, "%s in Redis after all members have ended, %d of them killed", kind, killed)
	}
}

// nothingLeft is what is left in Redis, apart from the kinds that are excused.
func (s *scenario) nothingLeft(excused ...string) error {
	left, err := s.keys.left(s.t.Context())
	if err != nil {
		return err
	}
	for _, kind := range excused {
		delete(left, kind)
	}
	if len(left) > 0 {
		return fmt.Errorf("Redis still has %v", left)
	}
	return nil
}

// expectFinishedOnce asks the resource: each stream was finished by one
// tenure, with an effect that was accepted.
func (s *scenario) expectFinishedOnce() {
	s.t.Helper()
	finished, err := s.resource.finished(s.t.Context())
	require.NoError(s.t, err)
	for _, ref := range s.announced {
		assert.EqualValues(s.t, 1, finished[ref.String()], "tenures that finished %v", ref)
		delete(finished, ref.String())
	}
	assert.Empty(s.t, finished, "streams were finished that nobody announced")
}

// expectNoMistakes looks at what the members said, and lists what applications
// saw of two owners although nobody did anything wrong.
func (s *scenario) expectNoMistakes() {
	s.t.Helper()
	excused, _ := s.books.overlaps()
	byCause := map[ending]int{}
	for _, overlap := range excused {
		byCause[overlap.earlier.ending]++
	}
	for cause, count := range maps.All(byCause) {
		s.t.Logf("%d overlaps in the applications' view, the earlier tenure having been %s", count, cause)
	}
	assert.Empty(s.t, s.books.mistakes())
	assert.Empty(s.t, s.books.strangers(slices.Concat(s.announced, s.quarantined)), "streams of which members heard although nobody announced them here")
	refused, err := s.resource.refused(s.t.Context())
	require.NoError(s.t, errors.Join(err, s.health()))
	if len(refused) > 0 {
		s.t.Logf("the resource refused late effects of %d tenures", len(refused))
	}
}
