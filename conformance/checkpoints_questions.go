package conformance

import "slices"

// checkpointQuestion is a sentence about checkpoints and how it is examined.
type checkpointQuestion struct {
	where, text string
	examine     func(*checkpointBench)
	chance      bool
}

func checkpointsSuite(harness CheckpointsHarness) suite {
	s := suite{port: "Checkpoints"}
	for _, q := range slices.Concat(checkpointTokenQuestions, checkpointSaveQuestions, checkpointFinishQuestions, checkpointPortQuestions) {
		s.questions = append(s.questions, question{
			sentence: Sentence{Where: q.where, Text: q.text},
			examine:  onCheckpointBench(harness, q.examine),
			chance:   q.chance,
		})
	}
	return s
}
