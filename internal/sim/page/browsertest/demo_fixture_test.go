package browsertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim/demo/compile"
	"github.com/streamlease/streamlease/internal/sim/demo/site"
)

// files are those of the demo, compiled once for all tests.
var files = sync.OnceValues(func() (map[string][]byte, error) {
	compiled, err := compile.Program(context.Background(), "../../../..")
	if err != nil {
		return nil, err
	}
	return site.Files(compiled.Program, compiled.Support), nil
})

// demo is the page of the demo in a browser of its own.
type demo struct {
	*tab
	address string
}

// openDemo shows the demo with a link. At the end of the test nothing may have
// been complained of, and no other host asked for anything.
func openDemo(t *testing.T, link string) *demo {
	t.Helper()
	contents, err := files()
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		text, known := contents[name]
		if !known {
			http.NotFound(w, r)
			return
		}
		switch { // as the simplest of hosts does
		case strings.HasSuffix(name, ".html"):
			w.Header().Set("Content-Type", "text/html")
		case strings.HasSuffix(name, ".css"):
			w.Header().Set("Content-Type", "text/css")
		case strings.HasSuffix(name, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		_, _ = w.Write(text)
	}))
	d := &demo{tab: &tab{t: t, home: server.URL + "/"}, address: server.URL + "/#" + link}
	t.Cleanup(server.Close)
	d.ctx = start(t)
	t.Cleanup(func() { require.Empty(t, d.heard()) })
	d.do()
	require.NoError(t, chromedp.Listen(d.ctx, d.listen))
	d.do(command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}),
		chromedp.Navigate(d.address))
	d.await("document.documentElement.dataset.painted !== undefined")
	return d
}

// press presses a button by its words, or its label.
func (d *demo) press(words string) {
	d.t.Helper()
	pressed := tell[string](d.tab, `(() => {
		const words = "`+words+`", buttons = [...document.querySelectorAll("button")];
		const button = buttons.find((b) => b.getAttribute("aria-label") === words || b.textContent.trim() === words);
		if (!button) return "there is no button " + words;
		if (button.disabled) return words + " is disabled";
		button.click();
		return document.getElementById("refusal").textContent;
	})()`)
	require.Empty(d.t, pressed)
}

// forward lets simulated time pass, as the slider does.
func (d *demo) forward(seconds string) {
	d.t.Helper()
	d.run(`(() => { const slider = document.getElementById("time"); slider.max = 3600;
		slider.value = parseFloat(document.getElementById("now").textContent) + ` + seconds + `;
		slider.dispatchEvent(new Event("input")); })()`)
	d.painted()
}

// painted waits until the page shows the present.
func (d *demo) painted() {
	d.t.Helper()
	d.await(`document.documentElement.dataset.painted === String(Math.round(stage.present()))`)
}
