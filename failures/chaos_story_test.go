package failures_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// tell logs the stories of the first of the streams.
func (c *chaos) tell(names []string) {
	slices.Sort(names)
	for i, name := range slices.Compact(names) {
		if i == shownStories {
			return
		}
		c.t.Log(c.story(name))
	}
}

// story is all that the books say of a stream, and what was wrong meanwhile with
// those who owned it.
func (c *chaos) story(name string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "the story of %q:", name)
	for _, tenure := range c.books.history(name) {
		fmt.Fprintf(&text, "\n  %s", tenure.story())
		until := tenure.ended
		if !tenure.over {
			until = c.now()
		}
		if troubles := c.troubles.of(tenure.member, span{tenure.began - chaosTTL, until + chaosTTL}); len(troubles) > 0 {
			fmt.Fprintf(&text, "\n    meanwhile: %s", strings.Join(troubles, ", "))
		}
	}
	return text.String()
}

func (t tenure) story() string {
	round := func(at time.Duration) time.Duration { return at.Round(time.Millisecond) }
	text := fmt.Sprintf("%v (process %d), message %s, token %d: began %v", t.member, t.member.process.PID(), t.ref.MessageID, t.token, round(t.began))
	if t.asked > 0 {
		text += fmt.Sprintf(", had done with it %v", round(t.asked))
	}
	if t.over {
		text += fmt.Sprintf(", ended %v, %s", round(t.ended), t.ending)
	}
	if t.disowned > 0 {
		text += fmt.Sprintf(", heard StreamDisowned %v", round(t.disowned))
	}
	return text + fmt.Sprintf("; effects %q; Done answered %q", t.effects, t.verdicts)
}

// accusedStreams are the names of those of which a member said what it must not
// say.
func (b *books) accusedStreams() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.accused)
}

// violationsSoFar is what members said that they must not say. Overlaps are
// looked for in the end only.
func (b *books) violationsSoFar() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.violations)
}
