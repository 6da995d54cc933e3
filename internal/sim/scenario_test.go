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

func TestAFileMayNameWhatItBrings(t *testing.T) {
	_, err := ParseScenario("f", `
at 1s crash x
at 2s start x
at 3s restart x y
at 4s crash y
at 5s crash x#2
at 6s announce orders
by 20s orders done`)
	require.NoError(t, err)
}

func TestAMistakeInAFileIsNamedWithItsPlaceAndTheNearestWord(t *testing.T) {
	for text, want := range map[string]string{
		"at 2s crsh m1":                  `f:1:7: "crsh" is not known; the nearest is "crash"`,
		"\nat 2s hit m1 tke before cut":  `f:2:14: "tke" is not a call; the nearest is "take"`,
		"with leese=single":              `f:1:6: "leese" is not known; the nearest is "lease"`,
		"with lease=sesion":              `f:1:6: lease: unknown word "sesion"; the nearest is "session"`,
		"at 2 crash m1":                  `f:1:4: "2" is no time; write it as 2s or 300ms`,
		"at 2s freeze m1":                `f:1:16: freeze wants a duration, as 2s here`,
		"at 2s crash m1 now":             `f:1:16: "now" is too much`,
		"wihtin 2s every stream owned":   `f:1:1: "wihtin" begins no line; the nearest is "within"`,
		"within 2s every stream owed":    `f:1:24: "owed" is not known; the nearest is "owned"`,
		"with members=0":                 `f:1:6: members: "0" is out of range: 1 to 1000`,
		"with streams=many":              `f:1:6: streams: "many" is no number`,
		"with sweep=-3s":                 `f:1:6: sweep: "-3s" is out of range: it is less than nothing`,
		"with faults=99999h":             `f:1:6: faults: "99999h" is out of range: more than a year`,
		"at 99999h crash m1":             `f:1:4: "99999h" is out of range: more than a year`,
		"with streams=1 ttl=1ms":         `f:1:6: invalid config: TTL is 1ms; the least is 100 ms`,
		"at 2s freeze m1 -1s":            `f:1:17: "-1s" is out of range: it is less than nothing`,
		"at 2s drift m1 -100% 5s":        `f:1:16: "-100%" is out of range: more than -100% and at most 100%`,
		"at 2s drift m1 NaN% 5s":         `f:1:16: "NaN%" is out of range: more than -100% and at most 100%`,
		"at 2s start m9\nat 3s crash m8": `f:2:13: no member is called "m8"; the nearest is "m1"`,
		"with members=2\nat 2s crash m3": `f:2:13: no member is called "m3"; the nearest is "m1"`,
		"with streams=3\nat 2s wish s4":  `f:2:12: no stream is called "s4"; the nearest is "s1"`,
		"by 2s s1 done":                  `f:1:7: no stream is called "s1": none is announced`,
		"at 1s announce \x1b[31mred":     `f:1:16: "\x1b" cannot be printed`,
		"at 1s announce \xff":            `f:1:16: "\xff" cannot be printed`,
		"# \x1b[31mred":                  `f:1:3: "\x1b" cannot be printed`,
		"at 2s burst 1000000000":         `f:1:13: "1000000000" is out of range: 1 to 100000`,
	} {
		_, err := ParseScenario("f", text)
		require.EqualError(t, err, want)
	}
}
