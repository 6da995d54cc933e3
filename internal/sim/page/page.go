package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/streamlease/streamlease/internal/sim"
)

// Run is a run that was recorded, and how to have it again.
type Run struct {
	// Result must come from a run with Options.Trace and Options.Chronicle.
	Result sim.Result
	// Replay is the command that repeats the run; the page offers it to copy.
	Replay string
}

// ErrNotRecorded says that a run kept no trace, or no chronicle.
var ErrNotRecorded = errors.New("the run was not recorded")

//go:embed assets
var assets embed.FS

// parts make up the script of the picture, in this order.
var parts = []string{"model.js", "words.js", "layout.js", "paint.js", "marks.js", "pointer.js", "panel.js", "copy.js"}

// PictureScript draws the picture of a document, in any page that has its
// elements and puts a script of its own behind it.
func PictureScript() string {
	var text strings.Builder
	for _, name := range parts {
		text.WriteString(asset("picture/" + name))
	}
	return text.String()
}

// PictureStyle is how the picture, and what stands around it, look.
func PictureStyle() string { return asset("picture/picture.css") }

// Program is a script that shares its names with no other.
func Program(script string) string { return "\"use strict\";\n(() => {\n" + script + "})();\n" }

// pageTemplate is read when a page is written: a program that only tells of
// runs has no use for templates.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(assets, "assets/page.html"))
})

// contents is what the template puts together.
type contents struct {
	Title, About, Replay string
	Verdict, Tone        string
	Facts                []string
	Story                []string
	Policy               string
	Style                template.CSS
	Script               template.JS
	Data                 template.JS
}

// Write writes the page of a run. The same run gives the same page, byte for
// byte.
func Write(w io.Writer, run Run) error {
	if !recorded(&run.Result) {
		return fmt.Errorf("%w: set Options.Trace and Options.Chronicle", ErrNotRecorded)
	}
	p := newPicture(&run.Result)
	data, err := json.Marshal(p.draw()) // escapes <, > and &, so it cannot end its element
	if err != nil {
		return fmt.Errorf("the page of %s: %w", run.Result.Scenario.Name, err)
	}
	style, script := PictureStyle(), Program(PictureScript()+asset("main.js"))
	verdict, tone := p.verdict()
	return pageTemplate().Execute(w, contents{
		Title: titleOf(&run.Result), About: run.Result.Scenario.About, Replay: run.Replay,
		Verdict: verdict, Tone: tone, Facts: p.facts(), Story: p.story(),
		Policy: "default-src 'none'; style-src " + sourceHash(style) + "; script-src " + sourceHash(script),
		Style:  template.CSS(style), Script: template.JS(script), Data: template.JS(data),
	})
}

// recorded: every tenure that the trace tells of is in the chronicle.
func recorded(r *sim.Result) bool {
	began := 0
	for i := range r.Trace {
		if r.Trace[i].Kind == sim.Began {
			began++
		}
	}
	return len(r.Trace) > 0 && began == len(r.Chronicle.Tenures)
}

func titleOf(r *sim.Result) string {
	if r.Scenario.Name == "" {
		return fmt.Sprintf("seed %d", r.Seed)
	}
	return r.Scenario.Name
}

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}

// sourceHash names a script or style in a content security policy: what stands
// in the page, and no other, is run.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
