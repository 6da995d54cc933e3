package sim

import (
	"testing"
)

func TestProbeAblations(t *testing.T) {
	for _, rule := range Rules() {
		var ablation Ablation
		rule.Off(&ablation)
		found := Search(SearchOptions{First: 1, Seeds: 200, Ablation: ablation}, nil)
		if found.Failed == nil {
			t.Logf("%-24s NOT FOUND in %d", rule.Name, found.Counters.Runs)
			continue
		}
		shrunk := Shrink(*found.Failed, ablation)
		t.Logf("%-24s %4d  lines %d runs %d  %v\n%v", rule.Name, found.Counters.Runs, shrunk.Lines(), shrunk.Runs, shrunk.Result.Violations[0], shrunk.Scenario)
	}
}
