package browsertest

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/sim/page"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long one test may take; a page is ready in a second.
const patience = 2 * time.Minute

// tab is a page in a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	home       string // where requests may go besides files
}

func chromium(t *testing.T) string {
	t.Helper()
	names := []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	require.Fail(t, "no Chromium was found", "make test-page installs the system's; or CHROMIUM=/path/to/chromium")
	return ""
}

// open shows the page of a run. At the end of the test nothing may have been
// complained of, and nothing asked of a network.
func open(t *testing.T, run page.Run) *tab {
	t.Helper()
	p := openUnheard(t, run)
	t.Cleanup(func() { require.Empty(t, p.heard()) })
	return p
}

func openUnheard(t *testing.T, run page.Run) *tab {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, page.Write(&text, run))
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, text.Bytes(), 0o600))

	p := &tab{t: t, ctx: start(t)}
	p.do() // starts the browser
	require.NoError(t, chromedp.Listen(p.ctx, p.listen))
	p.do(command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}),
		chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String()))
	p.await("document.documentElement.dataset.painted !== undefined")
	return p
}

// start readies a browser, which ends with the test.
func start(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1400, 1000),
		chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 { // root has no sandbox
		options = append(options, chromedp.NoSandbox)
	}
	limited, cancel := context.WithTimeout(context.Background(), patience)
	allocator, stop := chromedp.NewExecAllocator(limited, options...)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the browser; stop kills one that does not go
		closeTab()
		stop()
		cancel()
	})
	return ctx
}

// command is a command of the browser's protocol, as a step.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

func (p *tab) listen(event any) {
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		p.complain("exception: " + exceptionText(event.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		p.complain("console: " + string(event.Type))
	case *log.EventEntryAdded:
		p.complain("log: " + event.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(event.Request.URL, "file:") && (p.home == "" || !strings.HasPrefix(event.Request.URL, p.home)) && event.Request.URL != "data:," {
			p.complain("it asked for " + event.Request.URL)
		}
	}
}

func (p *tab) complain(of string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, of)
}

func (p *tab) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.complaints
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// run lets the page run a script.
func (p *tab) run(script string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](script))
}

// await waits until an expression is true of the page.
func (p *tab) await(expression string) {
	p.t.Helper()
	p.do(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(patience)))
}

// tell evaluates an expression.
func tell[T any](p *tab, expression string) T {
	p.t.Helper()
	answer, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err)
	return answer
}

// goTo moves the time by the field beside the slider.
func (p *tab) goTo(at time.Duration) {
	p.t.Helper()
	p.run(`(() => { const field = document.getElementById("instant"); field.value = "` +
		strconv.FormatFloat(at.Seconds(), 'f', 6, 64) + `"; field.dispatchEvent(new Event("change")); })()`)
	p.await(`document.documentElement.dataset.painted === "` + micros(at) + `"`)
}

// micros is an instant as the page counts it.
func micros(at time.Duration) string { return strconv.FormatInt(at.Microseconds(), 10) }

// pixels is a script's expression: the canvas's colours, as numbers 0xAABBGGRR.
// They are read from a copy, as reading from a canvas makes the browser draw it
// more slowly.
const pixels = `(() => {
	const canvas = document.getElementById("canvas"), copy = new OffscreenCanvas(canvas.width, canvas.height);
	const pen = copy.getContext("2d", {willReadFrequently: true});
	pen.drawImage(canvas, 0, 0);
	return new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
})()`

// colours counts the colours on the canvas.
func (p *tab) colours() int {
	p.t.Helper()
	return tell[int](p, `new Set(`+pixels+`).size`)
}

// prefer sets the colour scheme that the page is to be seen in.
func (p *tab) prefer(scheme string) {
	p.t.Helper()
	p.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// keepPicture writes a screenshot into $SCREENSHOTS, for people to look at.
func (p *tab) keepPicture(name string) {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
}

func recorded(scenario sim.Scenario, options sim.Options) page.Run {
	options.Trace, options.Chronicle = true, true
	return page.Run{Result: sim.Run(scenario, options), Replay: "go run ./cmd/sim run " + scenario.Name}
}

func shipped(t *testing.T, name string) page.Run {
	t.Helper()
	scenario, err := sim.FindScenario(name)
	require.NoError(t, err)
	return recorded(scenario, sim.Options{Seed: 1})
}

func exceptionText(details *runtime.ExceptionDetails) string {
	if details.Exception != nil {
		return details.Exception.Description
	}
	return details.Text
}
