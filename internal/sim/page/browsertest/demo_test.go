package browsertest

import (
	"bytes"
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// lessonDone: the tour has noticed that its step was done.
const lessonDone = `document.getElementById("tour").dataset.done === "true"`

// untilDone lets simulated time pass until the step of the tour was done.
func (d *demo) untilDone(step string) {
	d.t.Helper()
	for range 60 {
		if tell[bool](d.tab, lessonDone) {
			require.NotEmpty(d.t, d.words("outcome"))
			return
		}
		d.forward("0.7")
	}
	require.Fail(d.t, "step "+step+" of the tour is not done")
}

func (d *demo) words(id string) string {
	d.t.Helper()
	return tell[string](d.tab, `document.getElementById("`+id+`").textContent`)
}

// owner is a member that is well and owns streams; the one that owns most.
func (d *demo) owner() string {
	d.t.Helper()
	return tell[string](d.tab, `[...document.querySelectorAll(".member")].map((card) => [card.dataset.member, /^well, owns (\d+)/.exec(card.querySelector("span").textContent)])
		.filter(([, owned]) => owned).sort((a, b) => b[1][1] - a[1][1])[0][0]`)
}

// next goes to the next step of the tour.
func (d *demo) next(step string) {
	d.t.Helper()
	d.untilDone(step)
	d.press("Next ▸")
	require.False(d.t, tell[bool](d.tab, lessonDone), "after step %s", step)
}

func TestTheTourFromItsStartToItsEnd(t *testing.T) {
	d := openDemo(t, "")
	d.next("1")
	d.press("Kill " + d.owner())
	d.next("2")
	stuck := d.owner()
	d.press("Freeze " + stuck)
	d.forward("8")
	d.press("Thaw " + stuck)
	d.next("3")
	stuck = d.owner()
	d.press("Freeze " + stuck)
	d.forward("8")
	d.press("Thaw " + stuck)
	d.keepPicture("demo-thawed")
	d.next("4")
	d.press("Restart m1")
	d.forward("3")
	d.press("Lose hints")
	d.press("Kill " + d.owner())
	d.next("5")
	d.forward("4")
	d.press("Finish")
	d.forward("1")
	d.press("Close " + d.owner())
	d.untilDone("6")
	require.Equal(t, "✓ 1✓ 2✓ 3✓ 4✓ 5✓ 6", d.words("steps"))
	require.Contains(t, d.words("tally"), "0 writes corrupted")
}

// everything is a run in which each button was pressed.
func everything(d *demo) {
	for _, words := range []string{"Announce a stream", "Freeze m1", "Announce 100", "Kill m2", "Lose hints", "Thaw m1", "Drift m3", "Cut off m1",
		"Poison", "Finish", "Restart m2", "Restart Redis", "Flush Redis", "Close m3", "Step", "Restart m3"} {
		d.forward("2.3")
		d.press(words)
	}
	d.forward("7")
}

func TestAnAddressGivesTheSameRunInAnotherPageAndInATerminal(t *testing.T) {
	d := openDemo(t, "seed=3")
	everything(d)
	link, hash := tell[string](d.tab, `location.hash.slice(1)`), d.words("hash")
	require.Contains(t, hash, "hash ")
	for _, part := range []string{"seed=3", "freeze+m1", "thaw+m1", "burst+100", "crash+m2", "hints+lost", "drift+m3", "cut+m1+all", "poison", "finish", "restart+m2", "down+store", "flush+store", "close+m3"} {
		require.Contains(t, link, part)
	}
	other := openDemo(t, link)
	other.await(`document.getElementById("play").textContent.includes("Pause")`) // it plays by itself
	other.run(`(() => { const s = document.getElementById("speed"); s.value = "20"; s.dispatchEvent(new Event("change")); })()`)
	other.await(`document.getElementById("play").textContent.includes("Play")`) // and ends where the first one was
	require.Equal(t, hash, other.words("hash"))
	require.Equal(t, link, tell[string](other.tab, `location.hash.slice(1)`))

	require.Equal(t, hash, terminal(t, tell[string](d.tab, `document.getElementById("replay").value`)))
}

// terminal runs the command that the page shows, and returns its last line.
func terminal(t *testing.T, command string) string {
	t.Helper()
	words, found := strings.CutPrefix(command, "go run ./cmd/sim replay --clicks '")
	require.True(t, found, command)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	program := exec.CommandContext(ctx, "go", "run", "./cmd/sim", "replay", "--quiet", "--clicks", strings.TrimSuffix(words, "'"))
	program.Dir = "../../../.."
	var out bytes.Buffer
	program.Stdout = &out
	_ = program.Run() // its status says whether an invariant held; a page goes on either way
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[len(lines)-1]
}

func TestWithoutFencingOverlapsAreRedAndWritesCorrupted(t *testing.T) {
	d := openDemo(t, "at=4s+freeze+m1+10m0s&at=13s+thaw+m1")
	d.forward("15")
	require.Contains(t, d.words("tally"), "0 writes corrupted")
	hash := d.words("hash")
	d.run(`document.getElementById("fencing").click()`)
	d.painted()
	require.Regexp(t, `[1-9]\d* writes corrupted[1-9]\d* overlaps`, d.words("tally"))
	require.Greater(t, tell[int](d.tab, pixels+`.filter((pixel) => pixel === 0xff2e10c8).length`), 300)
	d.keepPicture("demo-without-fencing")
	require.Contains(t, tell[string](d.tab, `location.hash`), "without=fencing")
	d.run(`document.getElementById("fencing").click()`)
	d.painted()
	require.Equal(t, hash, d.words("hash"))
}

func TestTimeGoesBackToAnyMoment(t *testing.T) {
	d := openDemo(t, "")
	d.forward("6")
	before := d.words("hash")
	d.press("Kill m1")
	d.forward("9")
	after := d.words("hash")
	d.forward("-9")
	require.Equal(t, before, d.words("hash"))
	d.forward("9")
	require.Equal(t, after, d.words("hash"), "what was clicked happens again")
	d.forward("-12")
	d.press("Kill m2")
	require.NotContains(t, tell[string](d.tab, `location.hash`), "m1", "another future")
}

func TestTheKeyboardIsEnough(t *testing.T) {
	d := openDemo(t, "")
	d.run(`document.body.focus()`)
	d.do(chromedp.KeyEvent(" "))
	d.await(`stage.present() > 2.5e6`)
	d.do(chromedp.KeyEvent(" "))
	d.await(`document.getElementById("play").textContent.includes("Play")`)
	for _, words := range []string{"Kill m1", "Announce a stream"} {
		d.reach(words)
		d.do(chromedp.KeyEvent(kb.Enter))
	}
	require.Contains(t, tell[string](d.tab, `location.hash`), "crash+m1")
	require.Contains(t, tell[string](d.tab, `location.hash`), "announce+s")
}

// reach goes by the tab key to a button.
func (d *demo) reach(words string) {
	d.t.Helper()
	for range 80 {
		if tell[bool](d.tab, `[document.activeElement.getAttribute("aria-label"), document.activeElement.textContent].includes("`+words+`")`) {
			return
		}
		d.do(chromedp.KeyEvent(kb.Tab))
	}
	require.Fail(d.t, "the tab key never comes to "+words)
}

func TestALinkThatIsNoneIsSaid(t *testing.T) {
	d := openDemo(t, "")
	d.run(`location.hash = "#seed=1&at=2s+explode+m1"`)
	d.await(`document.getElementById("refusal").textContent.includes("explode")`)
	d.run(`location.hash = "#seed=2"`)
	d.await(`document.getElementById("seed").value === "2" && document.getElementById("refusal").textContent === ""`)
}

// contrasts is a script's expression: what is read with a contrast below 4.5,
// as WCAG 2 reckons it.
const contrasts = `(() => {
	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const linear = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
	const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const c = channels(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	const poor = new Set();
	for (const e of document.querySelectorAll("body *")) {
		const words = [...e.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim()).map((n) => n.textContent.trim()).join(" ");
		const style = getComputedStyle(e);
		if (!words || e.disabled || style.visibility === "hidden" || !e.getClientRects().length) continue;
		const a = luminance(channels(style.color)), b = luminance(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) poor.add(e.tagName + "." + e.className + " " + words.slice(0, 30) + ": " + ratio.toFixed(2));
	}
	return [...poor];
})()`

func TestItCanBeReadOnEveryScreen(t *testing.T) {
	d := openDemo(t, "at=4s+freeze+m1+10m0s&at=5s+crash+m2&at=5.5s+hints+lost+100%25+15s")
	d.forward("13")
	for width, name := range map[int]string{390: "phone", 820: "tablet", 1400: "desk"} {
		d.do(command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: 900, DeviceScaleFactor: 1}))
		d.await(`innerWidth === ` + strconv.Itoa(width))
		for _, scheme := range []string{"light", "dark"} {
			d.prefer(scheme)
			d.await(pixels + lane[scheme])
			require.Empty(t, tell[[]string](d.tab, contrasts), "%s %s", name, scheme)
			require.LessOrEqual(t, tell[int](d.tab, `document.documentElement.scrollWidth`), width, "%s: nothing is wider than the screen", name)
			d.keepPicture("demo-" + name + "-" + scheme)
		}
	}
}

// The bounds are far beyond what a visitor would bear, as this machine may be
// busy; what was measured is printed.
func TestTheFirstPictureComesSoonAndManyStreamsFlow(t *testing.T) {
	d := openDemo(t, "members=6")
	first := tell[float64](d.tab, `performance.now()`)
	t.Logf("the first picture came after at most %.0f ms", first)
	require.Less(t, first, 30_000.0)
	d.forward("4")
	for range 54 {
		require.Empty(t, tell[string](d.tab, `stage.click("announce")`))
	}
	d.forward("4")
	require.Equal(t, 60, tell[int](d.tab, `document.querySelectorAll("#owners tr:not(.faint)").length`), "all have owners")
	d.press("▶ Play")
	frames := tell[int](d.tab, `Number(document.documentElement.dataset.frames)`)
	began := time.Now()
	d.await(`Number(document.documentElement.dataset.frames) > ` + strconv.Itoa(frames+90))
	rate := 90 / time.Since(began).Seconds()
	t.Logf("60 streams, 6 members: %.0f frames a second", rate)
	require.Greater(t, rate, 2.0)
	d.keepPicture("demo-many")
}
