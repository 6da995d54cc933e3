package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/sim/page"
)

// Stage is a run that is being played. It may be used by one goroutine at a
// time.
type Stage struct {
	link  Link
	given int // so many of the link's clicks are before the present, or at it
	run   *sim.LiveRun
	feed  *page.Feed
	tour  Tour
	fresh bool // nothing was told of this run yet
	read  int  // so much of the trace
	tally Tally
}

// Open begins the run of a link. The link's clicks happen when their time
// comes. Errors wrap ErrNoLink.
func Open(text string) (*Stage, error) {
	link, err := ParseLink(text)
	if err != nil {
		return nil, err
	}
	s := &Stage{link: link, tour: NewTour()}
	s.begin(0)
	return s, nil
}

// begin plays the run again, from its seed to an instant.
func (s *Stage) begin(until time.Duration) {
	s.run = sim.Begin(s.link.Scenario(), s.link.options(sim.Options{Trace: true, Chronicle: true}))
	s.feed, s.fresh, s.read, s.tally = page.NewFeed(), true, 0, Tally{}
	s.tour.again(until)
	s.given = 0
	s.GoOn(until)
}

// Present is the instant that comes next.
func (s *Stage) Present() time.Duration { return s.run.Present() }

// GoOn lets everything happen that comes before an instant, at most LongestRun.
func (s *Stage) GoOn(to time.Duration) {
	s.run.GoOn(min(to, LongestRun))
	for s.given < len(s.link.Clicks) && s.link.Clicks[s.given].At < s.run.Present() {
		s.given++
	}
	s.look()
}

// Step goes on until something has happened that a reader wants to know, or
// longestStep has passed.
func (s *Stage) Step() {
	latest := s.run.Present() + longestStep
	for s.run.Present() < latest {
		s.run.Next(latest)
		if slices.ContainsFunc(s.run.Trace()[s.read:], notable) {
			break
		}
	}
	s.GoOn(roundedUp(s.run.Present()))
}

// notable: writes come all the time.
func notable(e sim.Event) bool { return page.Remarkable(&e) && e.Kind != sim.Wrote }

const longestStep = 2 * time.Second

// roundedUp is the next instant that a link can say in few digits.
func roundedUp(at time.Duration) time.Duration {
	const step = time.Millisecond
	return (at + step - 1).Truncate(step)
}

// BackTo goes to an earlier instant, by playing the run again. What was clicked
// after it will happen again when its time comes, unless something else is
// clicked before.
func (s *Stage) BackTo(at time.Duration) {
	s.begin(min(max(at, 0), s.run.Present()))
}

// Set turns protections off or on. The run is played again to the present, as
// it would have come without them.
func (s *Stage) Set(without Without) {
	s.link.Without = without
	s.begin(s.run.Present())
}

// Click lets something happen now: words are those of a scenario's line, as
// crash m1. Clicks that were still to come never come. Errors say what is wrong
// with the words, and nothing has happened then.
func (s *Stage) Click(words string) error {
	present := s.run.Present()
	if words == "announce" {
		words += " " + s.unusedName()
	}
	action, err := sim.ParseAction(fmt.Sprintf("at %v %s", present, words))
	if err != nil {
		return err
	}
	next := s.link
	next.Clicks = append(slices.Clone(s.link.Clicks[:s.given]), action)
	if err := next.check(); err != nil {
		return err
	}
	replayed := s.given < len(s.link.Clicks)
	s.link = next
	if replayed {
		s.link.Clicks = next.Clicks[:s.given]
		s.begin(present)
		s.given = len(s.link.Clicks) // also those at this very instant
		s.link.Clicks = next.Clicks
	}
	s.run.Act(action)
	s.given++
	return nil
}

// unusedName is the first name s1, s2, … that was never announced.
func (s *Stage) unusedName() string {
	used := 0
	for _, action := range s.link.Scenario().Actions {
		var number int
		if _, err := fmt.Sscanf(strings.ToLower(action.Stream), "s%d", &number); err == nil && action.Verb == sim.DoAnnounce {
			used = max(used, number)
		}
	}
	return fmt.Sprintf("s%d", used+1)
}

// Link is the run up to the present.
func (s *Stage) Link() Link {
	link := s.link
	link.Clicks, link.Until = s.link.Clicks[:s.given], s.run.Present()
	return link
}

// Result is what the run has given so far.
func (s *Stage) Result() sim.Result {
	result := s.run.Result()
	result.Scenario = s.Link().Scenario()
	return result
}

// look reads what is new in the trace.
func (s *Stage) look() {
	trace := s.run.Trace()
	for i := s.read; i < len(trace); i++ {
		s.tally.see(&trace[i])
		s.tour.see(&trace[i])
	}
	s.read = len(trace)
}
