package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report is what became of each sentence. The adapter keeps the contract, as
// far as it was examined, when nothing is violated; only a report that is not
// partial says that all of it was examined.
type Report struct {
	// Port is what was examined: "LeaseStore", "StreamSource",
	// "ExpiryNotifier" or "Combination".
	Port string
	// Verdicts has one for each sentence, in the order of the contract.
	Verdicts []Verdict

	hung int
}

// Verdict is what became of one sentence.
type Verdict struct {
	Sentence Sentence
	// Violations says how the adapter breaks the sentence.
	Violations []string
	// NotCovered says what of the sentence was not examined, and why.
	NotCovered []string
	// Took is how long it took, in real time.
	Took time.Duration

	journal string
	hung    bool
}

// IsViolated reports whether the adapter breaks the sentence.
func (v Verdict) IsViolated() bool { return len(v.Violations) > 0 }

// mostViolations is how many violations of one sentence a failure shows.
const mostViolations = 20

// String quotes the sentence and says how it is broken and what was done.
func (v Verdict) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "the contract says, at %v\n", v.Sentence)
	if !v.IsViolated() {
		text.WriteString("  and it holds\n")
	}
	for i, violation := range v.Violations {
		if i == mostViolations {
			fmt.Fprintf(&text, "  and %d violations more\n", len(v.Violations)-i)
			break
		}
		fmt.Fprintf(&text, "  violated: %s\n", violation)
	}
	if v.journal != "" {
		fmt.Fprintf(&text, "  what was done:\n%s", v.journal)
	}
	return text.String()
}

func (r *Report) add(verdict Verdict) {
	r.Verdicts = append(r.Verdicts, verdict)
	if verdict.hung {
		r.hung++
	}
}

// Violated are the sentences that the adapter breaks.
func (r Report) Violated() []Sentence {
	var violated []Sentence
	for _, verdict := range r.Verdicts {
		if verdict.IsViolated() {
			violated = append(violated, verdict.Sentence)
		}
	}
	return violated
}

// IsPartial reports whether anything was not examined.
func (r Report) IsPartial() bool { return len(r.NotCovered()) > 0 }

// NotCovered lists what was not examined: the sentence and why.
func (r Report) NotCovered() []string {
	var list []string
	for _, verdict := range r.Verdicts {
		for _, reason := range verdict.NotCovered {
			line := verdict.Sentence.String() + ": " + reason
			if !slices.Contains(list, line) {
				list = append(list, line)
			}
		}
	}
	return list
}

// String sums up: how many sentences hold, and what was not examined.
func (r Report) String() string {
	var text strings.Builder
	violated := len(r.Violated())
	fmt.Fprintf(&text, "%s: %d sentences, %d violated", r.Port, len(r.Verdicts), violated)
	notCovered := r.NotCovered()
	if len(notCovered) == 0 {
		return text.String()
	}
	text.WriteString("; PARTIAL, not covered:")
	for _, line := range notCovered {
		text.WriteString("\n  " + line)
	}
	return text.String()
}
