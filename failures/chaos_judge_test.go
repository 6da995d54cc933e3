package failures_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

// shownStories is how many streams a failure tells of.
const shownStories = 3

// judge compares what members and producers said with what the resource and
// Redis hold. Redis holds nothing, says unhealed.
func (c *chaos) judge() {
	c.t.Helper()
	ctx := c.t.Context()
	finishers, err := c.resource.finishers(ctx)
	require.NoError(c.t, err)
	quarantine, err := c.keys.quarantine(ctx)
	require.NoError(c.t, err)
	refused, err := c.resource.refused(ctx)
	require.NoError(c.t, err)

	result := c.books.chaosResult()
	var accused []string
	for ref := range result.tenures {
		if err := result.judgeStream(ref, finishers[ref.String()]); err != nil {
			accused = append(accused, ref.Name)
			assert.NoError(c.t, err, "%v", ref)
		}
		delete(finishers, ref.String())
	}
	for name, err := range result.misannounced() {
		accused = append(accused, name)
		assert.NoError(c.t, err)
	}
	assert.Empty(c.t, finishers, "streams were finished of which no member ever heard")
	// Five failures, or ten crashes, of one stream do not come about here.
	assert.Empty(c.t, quarantine, "quarantined streams")
	assert.Empty(c.t, c.books.mistakes())
	for _, overlap := range c.unexcused() {
		accused = append(accused, overlap.later.ref.Name)
		assert.Fail(c.t, "S3: two owners, and nothing excuses the earlier one", "%v", overlap)
	}
	c.tell(slices.Concat(accused, c.books.accusedStreams()))
	c.t.Log(c.summary(result, refused))
}

// unexcused are the overlaps that nothing excuses. A member that runs knows in
// time what it lost, also when it is cut off, Redis is dead, or every packet is
// late: its validity is its own clock's. Only who was not given the machine
// cannot know.
func (c *chaos) unexcused() (without []overlap) {
	excused, violations := c.books.overlaps()
	without = violations
	for _, overlap := range excused {
		if !overlap.earlier.member.pauses.touch(overlap.later.began, overlap.earlier.ended) {
			without = append(without, overlap)
		}
	}
	return without
}

// chaosResult is the books by stream.
type chaosResult struct {
	tenures map[streamlease.StreamRef][]*tenure // by token
	ledger  ledger
	// Streams that more than one tenure finished, by how the earlier one ended;
	// and those whose Done nobody answered, by how its tenure ended.
	repeated, unanswered map[ending]int
}

// chaosResult may be called when nobody reports any more.
func (b *books) chaosResult() *chaosResult {
	b.mu.Lock()
	defer b.mu.Unlock()
	result := &chaosResult{
		tenures: map[streamlease.StreamRef][]*tenure{}, ledger: b.ledger,
		repeated: map[ending]int{}, unanswered: map[ending]int{},
	}
	for _, tenure := range b.inOrder {
		result.tenures[tenure.ref] = append(result.tenures[tenure.ref], tenure)
	}
	for _, tenures := range result.tenures {
		slices.SortFunc(tenures, func(a, b *tenure) int { return int(a.token - b.token) })
	}
	return result
}

// judgeStream is the verdict on a stream that is gone from Redis, given the tokens
// of the tenures whose last effect the resource accepted.
//
// A tenure may write its last effect and die, or lose the stream, before its
// Done has arrived. Then the next owner finishes the stream again, with a
// higher token, and the resource, which knows the ref, can tell. So a stream
// may be finished more than once, but it is done once. What must hold is this:
//   - the last tenure that there was has finished it, and has asked for Done
//     before it heard of any loss;
//   - a Done that succeeded is that tenure's, so nobody heard of the stream
//     afterwards;
//   - that Done succeeded, or its answer could not be had: its member was
//     killed, closed or lost the stream meanwhile.
//
// That the resource accepts no effect of an older tenure after that of a newer
// one is effect.lua's own doing.
func (r *chaosResult) judgeStream(ref streamlease.StreamRef, finishers []streamlease.Token) error {
	var complaints []error
	tenures := r.tenures[ref]
	last := tenures[len(tenures)-1]
	if !slices.Contains(finishers, last.token) {
		complaints = append(complaints, fmt.Errorf("the last tenure, token %d, did not finish it; tokens %v did", last.token, finishers))
	}
	for _, earlier := range tenures[:len(tenures)-1] {
		if slices.Contains(earlier.verdicts, "") {
			complaints = append(complaints, fmt.Errorf("the Done of token %d succeeded, and token %d owned it later", earlier.token, last.token))
		}
		if slices.Contains(finishers, earlier.token) {
			r.repeated[earlier.ending]++
		}
	}
	switch {
	case slices.Contains(last.verdicts, ""):
	case last.settling == 0 || last.asked == 0:
		complaints = append(complaints, fmt.Errorf("the last tenure, token %d, did not ask for Done while it owned", last.token))
	case last.ending == endedByReturn || last.ending == endedByDone:
		complaints = append(complaints, fmt.Errorf("the last tenure, token %d, ended by being %s, and its Done answered %q",
			last.token, last.ending, last.verdicts))
	default:
		r.unanswered[last.ending]++
	}
	return errors.Join(complaints...)
}

// misannounced is what is wrong between the producers' word and the members',
// by name: a lost answer may hide one announcement, no more.
func (r *chaosResult) misannounced() map[string]error {
	heard := map[string]int{}
	for ref := range r.tenures {
		heard[ref.Name]++
	}
	wrong := map[string]error{}
	for name := range maps.Keys(r.ledger.tries) {
		if err := r.ledger.unaccounted(name, heard[name]); err != nil {
			wrong[name] = err
		}
		delete(heard, name)
	}
	for ref := range r.ledger.refs {
		if len(r.tenures[ref]) == 0 {
			wrong[ref.Name] = fmt.Errorf("%v was announced, and nobody heard of it", ref)
		}
	}
	for name := range heard {
		wrong[name] = fmt.Errorf("members heard of %q, which nobody announced", name)
	}
	return wrong
}
