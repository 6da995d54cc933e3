package browsertest

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

// ownersScript reads the table of owners.
const ownersScript = `[...document.querySelectorAll("#owners tr")].map((row) => [...row.cells].map((cell) => cell.textContent))`

// owners is what the table says: by stream, its rows' owners.
func (p *tab) owners() map[string][]string {
	p.t.Helper()
	table := make(map[string][]string)
	for _, row := range tell[[][]string](p, ownersScript) {
		table[row[0]] = append(table[row[0]], row[1])
	}
	return table
}

// lane says of the pixels whether a live process's lane has the scheme's colour.
var lane = map[string]string{"light": ".includes(0xfff3efec)", "dark": ".includes(0xff302821)"}

func TestThePageIsDrawnInLightAndDark(t *testing.T) {
	for name, setup := range map[string]sim.Setup{
		"small": {Members: 3, Streams: 10, WorkMin: 5 * time.Second, WorkMax: 20 * time.Second},
		"large": {Members: 20, Streams: 500, WorkMin: 5 * time.Second, WorkMax: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, recorded(sim.Scenario{Name: name, Setup: setup}, sim.Options{Seed: 1}))
			require.Greater(t, p.colours(), 10)
			ground := make(map[string]string)
			for _, scheme := range []string{"light", "dark"} {
				p.prefer(scheme)
				p.goTo(9 * time.Second)
				ground[scheme] = tell[string](p, `getComputedStyle(document.body).backgroundColor`)
				p.await(pixels + lane[scheme]) // the picture follows
				p.keepPicture(name + "-" + scheme)
			}
			require.NotEqual(t, ground["light"], ground["dark"])
			require.Greater(t, p.colours(), 10)
		})
	}
}

func TestTheTableSaysWhoOwnsWhat(t *testing.T) {
	run := shipped(t, "gc-pause")
	p := open(t, run)
	chronicle := &run.Result.Chronicle
	for at := 500 * time.Millisecond; at < run.Result.Ended; at += 3700 * time.Millisecond {
		p.goTo(at)
		table := p.owners()
		owned := 0
		for i := range chronicle.Tenures {
			tenure := &chronicle.Tenures[i]
			if tenure.Began > at || at >= chronicle.ValidUntil(tenure) {
				continue
			}
			owned++
			require.Len(t, table[tenure.Ref.Name], 1, "%v", at)
			require.Equal(t, tenure.Member, strings.TrimSuffix(table[tenure.Ref.Name][0], " (stands still)"), "%s at %v", tenure.Ref.Name, at)
		}
		for name, owners := range table {
			if strings.HasPrefix(owners[0], "m") {
				owned--
			} else {
				require.Regexp(t, `^(nobody|done|not announced)`, owners[0], "%s at %v", name, at)
			}
		}
		require.Zero(t, owned, "at %v", at)
	}
}

func TestTheSliderMovesByPointerKeyAndField(t *testing.T) {
	p := open(t, shipped(t, "gc-pause"))
	before := tell[string](p, `document.getElementById("now").textContent`)
	p.do(chromedp.Focus("#time"), chromedp.KeyEvent(kb.ArrowRight))
	p.await(`document.getElementById("now").textContent !== "` + before + `"`)
	moved := tell[float64](p, `Number(document.getElementById("time").value)`)
	p.do(chromedp.KeyEvent(kb.ArrowLeft))
	p.await(`document.getElementById("now").textContent === "` + before + `"`)
	require.Greater(t, moved, tell[float64](p, `Number(document.getElementById("time").value)`))
	slider := tell[[]float64](p, `(() => { const r = document.getElementById("time").getBoundingClientRect(); return [r.left + 0.75 * r.width, r.top + r.height / 2]; })()`)
	p.do(chromedp.MouseClickXY(slider[0], slider[1]))
	p.await(`Math.abs(Number(document.documentElement.dataset.painted) / 1e6 / Number(document.getElementById("time").max) - 0.75) < 0.02`)
	p.goTo(4200 * time.Millisecond)
	require.Equal(t, "4.200 s", tell[string](p, `document.getElementById("now").textContent`))
}

func TestTheListSaysWhichWriteWasRefusedAndWhy(t *testing.T) {
	p := open(t, shipped(t, "gc-pause"))
	p.keepPicture("gc-pause")
	require.Regexp(t, `Refused: a write of m\d to .s\d. with token \d+\. Why: the resource has seen the higher token \d+, which m\d has written with since`,
		tell[string](p, `document.getElementById("events").textContent`))
	require.Contains(t, tell[string](p, `document.querySelector("#events .current").textContent`), "33.000 s", "the list stands where the page opened")
}

func TestKeysStepThroughEventsAndZoom(t *testing.T) {
	p := open(t, shipped(t, "gc-pause"))
	painted := `Number(document.documentElement.dataset.painted)`
	p.goTo(18 * time.Second)
	p.do(chromedp.Focus("#lanes"), chromedp.KeyEvent("n"))
	p.await(painted + " > 18e6")
	p.do(chromedp.KeyEvent("p"))
	p.await(painted + " <= 18e6")
	p.do(chromedp.KeyEvent(kb.End))
	p.await(painted + ` === Number(document.getElementById("time").max) * 1e6`)
	p.do(chromedp.KeyEvent("0"), chromedp.KeyEvent("+"), chromedp.KeyEvent("-"))
}

func TestAFilterLeavesOneStream(t *testing.T) {
	p := open(t, shipped(t, "rolling-deploy"))
	require.Len(t, p.owners(), 12)
	p.do(chromedp.Focus("#filter"), chromedp.KeyEvent("s3"))
	p.await(`document.querySelectorAll("#owners tr").length === 1`)
	require.Contains(t, p.owners(), "s3")
	require.NotContains(t, tell[string](p, `document.getElementById("events").textContent`), "\u2068s4\u2069")
}

func TestTheHoverSaysOwnerTokenAndLease(t *testing.T) {
	p := open(t, shipped(t, "gc-pause"))
	p.goTo(10 * time.Second)
	p.run(`(() => {
		const box = document.getElementById("lanes"), frame = box.getBoundingClientRect();
		for (let y = 2; y < box.clientHeight; y += 4) for (let x = 100; x < box.clientWidth; x += 25) {
			box.dispatchEvent(new PointerEvent("pointermove", {clientX: frame.left + x, clientY: frame.top + y}));
			const words = document.getElementById("hover");
			if (!words.hidden && words.textContent.includes("lease until")) return;
		}
	})()`)
	words := tell[string](p, `document.getElementById("hover").textContent`)
	require.Regexp(t, `s\d\x{2069}: m\d, token \d+`, words)
	require.Regexp(t, `lease until [\d.]+ s, by the store's clock`, words)
	require.Regexp(t, `m\d believes until [\d.]+ s`, words)
}

func TestNamesAreShownAsTheyAre(t *testing.T) {
	hostile := `</script><script>document.title="broken"</script><b>`
	scenario := sim.Scenario{Name: hostile, Setup: sim.Setup{WorkMin: time.Second}}
	scenario.Actions = []sim.Action{{At: time.Second, Verb: sim.DoAnnounce, Stream: hostile}}
	p := open(t, recorded(scenario, sim.Options{Seed: 1}))
	require.Contains(t, p.owners(), hostile)
	require.Contains(t, tell[string](p, `document.title`), hostile)
}

// What the other tests take for silence would be heard.
func TestComplaintsAreHeard(t *testing.T) {
	p := openUnheard(t, shipped(t, "calm"))
	require.Empty(t, p.heard())
	p.run(`console.error("a word")`)
	p.run(`setTimeout(() => { throw new Error("a failure"); document.title = "never"; }, 0)`)
	p.run(`(() => { const image = new Image(); image.src = "http://127.0.0.1:1/image.png"; document.body.append(image); })()`)
	require.Eventually(t, func() bool {
		said := strings.Join(p.heard(), "\n")
		return strings.Contains(said, "console: error") && strings.Contains(said, "a failure") && strings.Contains(said, "Content Security Policy")
	}, patience, 10*time.Millisecond, "%v", p.heard())
}

func TestAnOverlapIsRed(t *testing.T) {
	p := open(t, shipped(t, "clock-drift-outside"))
	p.keepPicture("overlap")
	red := tell[int](p, pixels+`.filter((pixel) => pixel === 0xff2e10c8).length`)
	require.Greater(t, red, 500)
	require.Equal(t, 2, tell[int](p, `document.querySelectorAll("#owners tr.bad").length`), "both owners")
}

func TestAViolationIsWhereThePageOpens(t *testing.T) {
	ablation := sim.Ablation{HeldNotChecked: true}
	found := sim.Search(sim.SearchOptions{First: 1, Seeds: 300, Ablation: ablation}, nil)
	require.NotNil(t, found.Failed)
	p := open(t, recorded(found.Failed.Scenario, sim.Options{Seed: found.Failed.Seed, Ablation: ablation}))
	p.keepPicture("violation")
	require.Equal(t, micros(found.Failed.Violations[0].At), tell[string](p, `document.documentElement.dataset.painted`))
	require.Contains(t, tell[string](p, `document.getElementById("events").textContent`), "Violated: ")
}
