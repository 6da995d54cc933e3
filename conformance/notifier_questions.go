package conformance

import "slices"

// notifierQuestion is a sentence about expiry notifiers and how it is examined.
// What else it catches is left to chance, since all of it waits.
type notifierQuestion struct {
	where, text string
	examine     func(*notifierBench)
}

func expiryNotifierSuite(harness ExpiryNotifierHarness) suite {
	s := suite{port: "ExpiryNotifier"}
	for _, q := range slices.Concat(watchQuestions, expiryQuestions, publishQuestions, notifierPortQuestions) {
		s.questions = append(s.questions, question{
			sentence: Sentence{Where: q.where, Text: q.text},
			examine:  onNotifierBench(harness, q.examine),
			chance:   true,
		})
	}
	return s
}
