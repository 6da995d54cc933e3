package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim/demo/compile"
	"github.com/streamlease/streamlease/internal/sim/demo/site"
)

type demoCommand struct {
	Out string `placeholder:"FOLDER" help:"Write a folder for any web host instead of serving it."`
}

func (*demoCommand) Help() string {
	return `A page in which you kill, freeze and cut off members, lose hints and flush Redis, and see who takes over. It runs the simulator itself, which is compiled for browsers with the Go toolchain on this machine, and asks no other host for anything. Ctrl-C ends it.

Examples:

    sim demo
    sim demo --out public`
}

// Run compiles the page and serves it, or writes it.
func (d *demoCommand) Run(c *console) error {
	ctx, stop := commandline.UntilInterrupted()
	defer stop()
	c.remark("Compiling the simulator for browsers …")
	compiled, err := compile.Program(ctx, ".")
	if err != nil {
		return err
	}
	files := site.Files(compiled.Program, compiled.Support)
	c.remark("The program is %s, of which %s are downloaded; the rest of the page is %s.",
		megabytes(len(compiled.Program)), megabytes(len(files[site.Program])), megabytes(sizeOf(files)-len(files[site.Program])))
	if d.Out != "" {
		return d.write(c, files)
	}
	return serve(ctx, c, files)
}

func sizeOf(files map[string][]byte) (size int) {
	for _, text := range files {
		size += len(text)
	}
	return size
}

func megabytes(size int) string { return fmt.Sprintf("%.2f MB", float64(size)/1e6) }

func (d *demoCommand) write(c *console, files map[string][]byte) error {
	if err := os.MkdirAll(d.Out, 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(d.Out, name), files[name], 0o644); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	c.say("%s holds the page.", d.Out)
	return nil
}

// serve serves the page on a free port of this machine until ctx ends.
func serve(ctx context.Context, c *console, files map[string][]byte) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: pages(files), ReadHeaderTimeout: 10 * time.Second}
	ended := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer ended()
	c.say("http://%s/", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// pages answers with the files.
func pages(files map[string][]byte) http.Handler {
	types := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
	mux := http.NewServeMux()
	for name, text := range files {
		kind := types[filepath.Ext(name)]
		if kind == "" {
			kind = "application/octet-stream"
		}
		path := "/" + name
		if name == "index.html" {
			path = "/{$}"
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(text) // a reader that has gone needs no answer
		})
	}
	return mux
}
