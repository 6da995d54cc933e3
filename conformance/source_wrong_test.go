package conformance

import "slices"

// sourceMistake is a line that is wrong in an otherwise right source.
type sourceMistake struct {
	mistake     string
	where, text string // the sentence that it breaks
	make        func(*wrongSource)
}

// wrongSources are all of them, as wrong adapters.
func wrongSources() (all []wrongAdapter) {
	for _, wrong := range slices.Concat(
		wrongRecords, wrongReaders, wrongFleets, wrongTallies, wrongFetches, wrongDeliveries,
		wrongTakes, wrongCrashes, wrongTrials, wrongSettles, wrongSweeps, wrongRounds, wrongAnnouncers, wrongManners,
	) {
		all = append(all, wrongAdapter{
			mistake: wrong.mistake,
			breaks:  Sentence{Where: wrong.where, Text: wrong.text},
			suite:   streamSourceSuite(toySources{mistake: wrong.make}),
		})
	}
	return all
}
