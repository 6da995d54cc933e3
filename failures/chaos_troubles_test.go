package failures_test

import "slices"

// troubles are the faults that may excuse what members say, as they began.
type troubles struct{ all []trouble }

// trouble is what was wrong with a process, or with all of them.
type trouble struct {
	what string
	whom *chaosProcess // nil: everybody
	when span
}

// frozen is the trouble of a process that was stopped.
const frozen = "frozen"

func (t *troubles) add(trouble trouble) { t.all = append(t.all, trouble) }

// of lists what was wrong with the member in the span, each kind once.
func (t *troubles) of(member *member, within span) (found []string) {
	for _, trouble := range t.all {
		theirs := trouble.whom == nil || trouble.whom.member == member
		if theirs && trouble.when.meets(within) && !slices.Contains(found, trouble.what) {
			found = append(found, trouble.what)
		}
	}
	return found
}
