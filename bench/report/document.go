package report

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamlease/streamlease/bench/suite"
)

// method is how to read the figures.
//
//go:embed method.md
var method string

// profiles is what profiles have shown, written by hand.
//
//go:embed profiles.md
var profiles string

// Write writes the document, and the curves into a folder beside it that has
// its name.
func Write(path string, conditions Conditions, samples []suite.Sample) error {
	folder := strings.TrimSuffix(path, filepath.Ext(path))
	pictures, err := DrawCurves(folder, samples)
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("<!-- Written by make bench; do not edit. -->\n# Benchmarks\n\n")
	text.WriteString(method + "\n" + conditions.markdown())
	section(&text, "The table", Table(samples))
	section(&text, "Growth", Growth(samples))
	for _, picture := range pictures {
		fmt.Fprintf(&text, "![%s](%s/%s)\n", strings.TrimSuffix(picture, ".svg"), filepath.Base(folder), picture)
	}
	section(&text, "Many members", Fleets(samples))
	section(&text, "Profiles first", profiles)
	section(&text, "Raw figures", "Each run's figure, in order.\n\n"+Raw(samples))
	return os.WriteFile(path, []byte(strings.TrimRight(text.String(), "\n")+"\n"), 0o644)
}

// section writes what there is.
func section(text *strings.Builder, title, content string) {
	if content != "" {
		fmt.Fprintf(text, "\n## %s\n\n%s\n", title, strings.TrimRight(content, "\n"))
	}
}
