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
		t.Logf("%-24s %4d  %v", rule.Name, found.Counters.Runs, found.Failed.Violations[0])
	}
}
