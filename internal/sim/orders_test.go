package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A hit on a member that has not started meets nobody: the scenario would show
// a healthy run and prove nothing.
func TestWhatAScenarioHitsIsHit(t *testing.T) {
	for _, scenario := range Scenarios() {
		ordered, delivered := 0, 0
		for _, action := range scenario.Actions {
			if action.Verb == Hit {
				ordered++
			}
		}
		for _, event := range Run(scenario, Options{Seed: 1, Trace: true}).Trace {
			if event.Kind == Fault && event.Call != 0 {
				delivered++
			}
		}
		if ordered > 0 {
			require.Positive(t, delivered, scenario.Name)
			t.Logf("%s: %d hits ordered, %d delivered", scenario.Name, ordered, delivered)
		}
	}
}
