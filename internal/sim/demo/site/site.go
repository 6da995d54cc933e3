// Package site is the page around a Stage: static files that work from any web
// host and ask for nothing beyond them. Only cmd/sim and tests may import it.
package site

import (
	"bytes"
	"compress/gzip"
	"embed"
	"strings"

	"github.com/streamlease/streamlease/internal/sim/page"
)

//go:embed assets
var assets embed.FS

// own are the scripts behind those of the picture, in this order.
var own = []string{"source.js", "flights.js", "members.js", "tour.js", "controls.js", "demo.js", "load.js"}

// The names of the files that are not part of this package.
const (
	// Program is the compiled package wasm, compressed with gzip.
	Program = "stage.wasm.gzip"
	// Support is what a Go program needs in a browser, as the toolchain has it.
	Support = "wasm_exec.js"
)

// Files are the files of the site by name, with the program compressed.
func Files(program, support []byte) map[string][]byte {
	return map[string][]byte{
		"index.html": []byte(asset("demo.html")),
		"demo.css":   []byte(page.PictureStyle() + asset("demo.css")),
		"demo.js":    []byte(script()),
		Support:      support,
		Program:      compressed(program),
	}
}

func script() string {
	var text strings.Builder
	text.WriteString(page.PictureScript())
	for _, name := range own {
		text.WriteString(asset(name))
	}
	return page.Program(text.String())
}

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}

func compressed(program []byte) []byte {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one that there is
	}
	if _, err := writer.Write(program); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := writer.Close(); err != nil {
		panic(err)
	}
	return packed.Bytes()
}
