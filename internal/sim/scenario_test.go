package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryScenarioHolds(t *testing.T) {
	scenarios := Scenarios()
	require.GreaterOrEqual(t, len(scenarios), 25)
	for _, scenario := range scenarios {
		t.Run(scenario.Name, func(t *testing.T) {
			require.NotEmpty(t, scenario.About, "a sentence says what it shows")
			for seed := range uint64(5) {
				r := Run(scenario, Options{Seed: seed})
				require.Empty(t, r.Violations, "seed %d", seed)
				assert.Positive(t, r.Counters.Tenures)
			}
		})
	}
}

func TestEveryScenarioHoldsOnEveryCombination(t *testing.T) {
	for _, scenario := range Scenarios() {
		for lease := Session; lease <= Quorum; lease++ {
			for notifier := Deadline; notifier <= Silent; notifier++ {
				s := scenario
				s.Setup.Lease, s.Setup.Notifier, s.Expects = lease, notifier, nil
				r := Run(s, Options{Seed: 7})
				require.Empty(t, r.Violations, "%s with lease=%v notifier=%v", s.Name, lease, notifier)
			}
		}
	}
}

func TestWhatIsPrintedCanBeParsed(t *testing.T) {
	for seed := range uint64(500) {
		drawn := Draw(seed)
		parsed, err := ParseScenario(drawn.Name, drawn.String())
		require.NoError(t, err, drawn.String())
		require.Equal(t, drawn.String(), parsed.String())
		if seed%20 == 0 {
			require.Equal(t, Run(drawn, Options{Seed: seed}).Hash, Run(parsed, Options{Seed: seed}).Hash, drawn.String())
		}
	}
}

func TestAMistakeInAFileIsNamedWithItsPlaceAndTheNearestWord(t *testing.T) {
	for text, want := range map[string]string{
		"at 2s crsh m1":                 `f:1:7: "crsh" is not known; the nearest is "crash"`,
		"\nat 2s hit m1 tke before cut": `f:2:14: "tke" is not a call; the nearest is "take"`,
		"with leese=single":             `f:1:6: "leese" is not known; the nearest is "lease"`,
		"with lease=sesion":             `f:1:6: lease: unknown word "sesion"; the nearest is "session"`,
		"at 2 crash m1":                 `f:1:4: "2" is no time; write it as 2s or 300ms`,
		"at 2s freeze m1":               `f:1:16: freeze wants a duration, as 2s here`,
		"at 2s crash m1 now":            `f:1:16: "now" is too much`,
		"wihtin 2s every stream owned":  `f:1:1: "wihtin" begins no line; the nearest is "within"`,
		"within 2s every stream owed":   `f:1:24: "owed" is not known; the nearest is "owned"`,
	} {
		_, err := ParseScenario("f", text)
		require.EqualError(t, err, want)
	}
}
