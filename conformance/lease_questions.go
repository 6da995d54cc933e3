package conformance

import "slices"

// leaseQuestion is a sentence about lease stores and how it is examined.
type leaseQuestion struct {
	where, text string
	examine     func(*leaseBench)
	// chance is that of question.
	chance bool
}

func leaseStoreSuite(harness LeaseStoreHarness) suite {
	s := suite{port: "LeaseStore"}
	for _, q := range slices.Concat(
		leaseStoreQuestions, acquireQuestions, tokenQuestions, renewQuestions,
		pageQuestions, releaseQuestions, inspectQuestions, leasePortQuestions,
	) {
		s.questions = append(s.questions, question{
			sentence: Sentence{Where: q.where, Text: q.text},
			examine:  onLeaseBench(harness, q.examine),
			chance:   q.chance,
		})
	}
	return s
}
