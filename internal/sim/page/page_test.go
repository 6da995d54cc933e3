package page

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func play(scenario sim.Scenario, options sim.Options) sim.Result {
	options.Trace, options.Chronicle = true, true
	return sim.Run(scenario, options)
}

func shipped(t *testing.T, name string) sim.Result {
	t.Helper()
	scenario, err := sim.FindScenario(name)
	require.NoError(t, err)
	return play(scenario, sim.Options{Seed: 1})
}

func written(t *testing.T, r sim.Result) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, Write(&page, Run{Result: r, Replay: "go run ./cmd/sim run it"}))
	return page.String()
}

func documentOf(t *testing.T, page string) Document {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="run">(.*?)</script>`).FindStringSubmatch(page)
	require.Len(t, found, 2)
	var doc Document
	require.NoError(t, json.Unmarshal([]byte(found[1]), &doc))
	return doc
}

// largest is what a page of a shipped scenario may weigh.
const largest = 200_000

func TestEveryScenarioHasAPageOfItsOwnThatNeedsNothingElse(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)https?:|\bsrc\s*=|@import|url\(|<link|<iframe`)
	for _, scenario := range sim.Scenarios() {
		page := written(t, play(scenario, sim.Options{Seed: 1}))
		require.Empty(t, foreign.FindString(page), scenario.Name)
		require.Less(t, len(page), largest, scenario.Name)
		require.NotEmpty(t, documentOf(t, page).Events, scenario.Name)
	}
}

func TestTheSameRunGivesTheSamePage(t *testing.T) {
	require.Equal(t, written(t, shipped(t, "gc-pause")), written(t, shipped(t, "gc-pause")))
}

func TestARunThatWasNotRecordedIsRefused(t *testing.T) {
	for _, options := range []sim.Options{{}, {Trace: true}, {Chronicle: true}} {
		r := sim.Run(sim.Scenario{Setup: sim.Setup{Streams: 2}}, options)
		require.ErrorIs(t, Write(&bytes.Buffer{}, Run{Result: r}), ErrNotRecorded)
	}
}

func TestNamesStayData(t *testing.T) {
	hostile := []string{"</script><script>alert(1)</script>", "<!--<script>", `"><img onerror=alert(1)>`, "a\u2028b", "\u202egnp"}
	scenario := sim.Scenario{Name: hostile[0], About: hostile[2], Setup: sim.Setup{WorkMin: time.Second}}
	for _, name := range hostile {
		scenario.Actions = append(scenario.Actions, sim.Action{At: time.Second, Verb: sim.DoAnnounce, Stream: name})
	}
	page := written(t, play(scenario, sim.Options{Seed: 1}))
	require.Equal(t, 2, strings.Count(page, "</script"), "the page's own two")
	require.Equal(t, 2, strings.Count(page, "<script"))
	require.NotContains(t, page, "<img")
	require.NotContains(t, page, "<!--")
	doc := documentOf(t, page)
	require.Subset(t, doc.Names, hostile)
}

func TestThePolicyAllowsThePagesOwnScriptAndStyle(t *testing.T) {
	page := written(t, shipped(t, "crash"))
	for _, part := range []string{`(?s)<style>(.*)</style>`, `(?s)</script>\s*<script>(.*)</script>`} {
		found := regexp.MustCompile(part).FindStringSubmatch(page)
		require.Len(t, found, 2)
		require.Contains(t, page, strings.ReplaceAll(strings.ReplaceAll(sourceHash(found[1]), "'", "&#39;"), "+", "&#43;"))
	}
	require.Contains(t, page, "default-src &#39;none&#39;")
}

func TestLongNamesAreCut(t *testing.T) {
	require.Equal(t, strings.Repeat("x", 80), shown(strings.Repeat("x", 80)))
	require.Equal(t, strings.Repeat("x", 80)+"… (65536 bytes)", shown(strings.Repeat("x", 65536)))
	require.Equal(t, strings.Repeat("ä", 40)+"… (90 bytes)", shown(strings.Repeat("ä", 45)))
	require.Equal(t, "x"+strings.Repeat("ä", 39)+"… (91 bytes)", shown("x"+strings.Repeat("ä", 45)))
}
