package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim/demo/site"
)

// heard is an output that somebody reads while it is written.
type heard struct{ lines chan string }

func (h heard) Write(text []byte) (int, error) {
	h.lines <- string(text)
	return len(text), nil
}

func TestTheDemoIsServedOnLoopbackUntilItIsInterrupted(t *testing.T) {
	files := site.Files([]byte("program"), []byte("support"))
	ctx, interrupt := context.WithCancel(t.Context())
	out, served := heard{make(chan string, 1)}, make(chan error, 1)
	go func() { served <- serve(ctx, &console{out: out, complaints: io.Discard}, files) }()
	address := regexp.MustCompile(`^http://127\.0\.0\.1:\d+/`).FindString(<-out.lines)
	require.NotEmpty(t, address)
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for path, kind := range map[string]string{"": "text/html; charset=utf-8", "demo.js": "text/javascript; charset=utf-8",
		"demo.css": "text/css; charset=utf-8", site.Program: "application/octet-stream"} {
		answer, err := client.Get(address + path)
		require.NoError(t, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Equal(t, kind, answer.Header.Get("Content-Type"))
		if path == "" {
			path = "index.html"
		}
		require.Equal(t, files[path], text.Bytes())
	}
	answer, err := client.Get(address + "../secret")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	interrupt()
	require.NoError(t, <-served)
}

func TestTheDemoIsWrittenAsAFolder(t *testing.T) {
	files := site.Files([]byte("program"), []byte("support"))
	folder := filepath.Join(t.TempDir(), "public")
	var out bytes.Buffer
	require.NoError(t, (&demoCommand{Out: folder}).write(&console{out: &out}, files))
	for name, text := range files {
		written, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, text, written)
	}
	require.Error(t, (&demoCommand{Out: filepath.Join(folder, "demo.js", "below")}).write(&console{out: &out}, files))
}

func TestWithoutAToolchainTheDemoSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	got := call("demo")
	require.Equal(t, misused, got.status)
	require.Contains(t, got.complaints, "no Go toolchain was found")
}
