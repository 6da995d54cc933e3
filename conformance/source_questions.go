package conformance

import "slices"

// sourceQuestion is a sentence about stream sources and how it is examined.
type sourceQuestion struct {
	where, text string
	examine     func(*sourceBench)
	// chance is that of question.
	chance bool
}

func streamSourceSuite(harness StreamSourceHarness) suite {
	s := suite{port: "StreamSource"}
	for _, q := range slices.Concat(
		sourceQuestions, malformedQuestions, fleetQuestions, tallyQuestions, fetchQuestions, deliveriesQuestions,
		takeQuestions, crashQuestions, trialQuestions, settleQuestions, sweepQuestions, roundQuestions, announceQuestions, sourcePortQuestions,
	) {
		s.questions = append(s.questions, question{
			sentence: Sentence{Where: q.where, Text: q.text},
			examine:  onSourceBench(harness, q.examine),
			chance:   q.chance,
		})
	}
	return s
}
