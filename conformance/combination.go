package conformance

import (
	"testing"

	"github.com/streamlease/streamlease/ports"
)

// CombinationHarness brings three ports, of whatever adapters, to a common
// examination.
type CombinationHarness interface {
	// Limits are what the ports cannot do better together.
	Limits() CombinationLimits
	// Open makes a service with nothing in it, isolated from every other, also
	// from those that Open made on the same stores. It is called once or more
	// for each sentence.
	Open() (CombinationInstance, error)
}

// CombinationLimits are what the ports cannot do better together. The zero
// value asks for nothing.
type CombinationLimits struct {
	// Limits has as its SmallestTTL the TTL that members get which are to lose
	// their streams. It defaults to 2 s: a member trusts only calls that take
	// less than a twelfth of it, and on a machine with much to do they do not.
	Limits
	// Streams is how many data streams a check has. Defaults to 8.
	Streams int
}

// CombinationInstance is one service, which any number of members could join.
// Beyond these methods it may be a Flusher, which empties all of its stores,
// and a Poisoner.
type CombinationInstance interface {
	// Ports are those of one more process, with their own connections and
	// whatever the adapters keep for themselves. The suite closes those that
	// are io.Closers. The source must be a ports.Announcer.
	Ports() (ports.Set, error)
	// Quarantine is what is in quarantine, in any order.
	Quarantine() ([]Quarantined, error)
	// Close is the end of the service.
	Close() error
}

// InProcess is a harness whose instances use nothing outside of the test: no
// connection, no clock but that of package time. Its checks have a time of
// their own (testing/synctest), so that none takes any.
type InProcess interface {
	IsInProcess() bool
}

// Combination examines whole clients over three ports, with a sub-test for each
// sentence of what a service is promised. It fails t where a sentence does not
// hold and logs what was not covered.
//
// Each port should have passed its own examination before: this one says that
// they fit together, and not which of them is wrong.
func Combination(t *testing.T, harness CombinationHarness) Report {
	t.Helper()
	return combinationSuite(harness).runIn(t)
}

func combinationSuite(harness CombinationHarness) suite {
	inProcess, is := harness.(InProcess)
	s := suite{port: "Combination", virtual: is && inProcess.IsInProcess()}
	for _, asked := range combinationQuestions {
		s.questions = append(s.questions, question{
			sentence: Sentence{Where: "Combination", Text: asked.text},
			examine:  onCombinationBench(harness, s.virtual, asked.examine),
			chance:   true,
		})
	}
	return s
}
