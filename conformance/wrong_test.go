package conformance

import (
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// wrongAdapter is an adapter that is right but for one mistake.
type wrongAdapter struct {
	// mistake says in words what is wrong with it.
	mistake string
	// shape is that of a lease store; 0 of others.
	shape ports.GrantShape
	// breaks is the sentence that must catch it; others may as well.
	breaks Sentence
	// suite is what examines it.
	suite suite
}

// wrongAdapters are all of them, of every port.
func wrongAdapters() []wrongAdapter {
	return slices.Concat(wrongLeaseStores(), wrongSources(), wrongNotifiers(), wrongCheckpoints(), wrongCombinations())
}

// caught is a wrong adapter and what the suite said of it.
type caught struct {
	wrongAdapter
	report Report
}

var (
	examined sync.Once
	allOf    []caught
)

// catches has every wrong adapter examined, once for all tests.
func catches(t *testing.T) []caught {
	examined.Do(func() {
		wrong := wrongAdapters()
		allOf = make([]caught, len(wrong))
		var work sync.WaitGroup
		busy := make(chan struct{}, 4*runtime.GOMAXPROCS(0)) // they wait much
		for i := range wrong {
			work.Go(func() {
				busy <- struct{}{}
				allOf[i] = caught{wrong[i], wrong[i].suite.ofWrong(t)}
				<-busy
			})
		}
		work.Wait()
	})
	return allOf
}

// ofWrong is what the suite says, without failing t.
func (s suite) ofWrong(t *testing.T) Report {
	report := Report{Port: s.port}
	for _, q := range s.questions {
		report.add(s.askInTime(t, q, report))
	}
	return report
}

func (c caught) verdictOn(sentence Sentence) (Verdict, bool) {
	for _, verdict := range c.report.Verdicts {
		if verdict.Sentence == sentence {
			return verdict, true
		}
	}
	return Verdict{}, false
}

func TestEachWrongAdapterIsCaughtByTheSentenceThatItBreaks(t *testing.T) {
	for _, wrong := range catches(t) {
		verdict, asked := wrong.verdictOn(wrong.breaks)
		require.True(t, asked, "no check examines %v", wrong.breaks)
		assert.True(t, verdict.IsViolated(), "an adapter with this mistake passes: %s (%v)\n%v\nothers that catch it: %v",
			wrong.mistake, wrong.shape, verdict.Sentence, wrong.report.Violated())
	}
}

func TestEachSentenceCatchesAWrongAdapter(t *testing.T) {
	caughtBy := map[Sentence]bool{}
	for _, wrong := range catches(t) {
		caughtBy[wrong.breaks] = true
	}
	for _, s := range suites() {
		for _, q := range s.questions {
			assert.True(t, caughtBy[q.sentence], "nothing shows that this sentence can fail: %v", q.sentence)
		}
	}
}
