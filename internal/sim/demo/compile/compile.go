// Package compile makes the program of the demo's page with the Go toolchain on
// this machine: the source of the simulator is what a browser then runs. Only
// cmd/sim and tests may import it.
package compile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	module  = "github.com/streamlease/streamlease"
	program = module + "/internal/sim/demo/wasm"
)

// ErrNotPossible says that the program cannot be compiled here; it is wrapped
// with what is missing.
var ErrNotPossible = errors.New("the demo is compiled from the simulator's source when it is wanted, and that is not possible here")

// Result is the program, and what it needs in a browser.
type Result struct{ Program, Support []byte }

// Program compiles the program, in a folder of the repository. Errors wrap
// ErrNotPossible.
func Program(ctx context.Context, folder string) (Result, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return Result{}, fmt.Errorf("%w: no Go toolchain was found (install Go, see https://go.dev/dl)", ErrNotPossible)
	}
	tool := goTool{ctx, folder}
	root, err := tool.run(nil, "env", "GOROOT")
	if err != nil {
		return Result{}, err
	}
	support, err := os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return Result{}, fmt.Errorf("%w: the Go toolchain has no support for browsers: %w", ErrNotPossible, err)
	}
	if current, err := tool.run(nil, "list", "-m"); err != nil || current != module {
		return Result{}, fmt.Errorf("%w: its source is not here (call it in a checkout of %s)", ErrNotPossible, module)
	}
	compiled, err := tool.compile()
	if err != nil {
		return Result{}, err
	}
	return Result{Program: compiled, Support: support}, nil
}

// goTool is the go command, called in a folder.
type goTool struct {
	ctx    context.Context
	folder string
}

// run returns what the command printed.
func (t goTool) run(environment []string, arguments ...string) (string, error) {
	command := exec.CommandContext(t.ctx, "go", arguments...)
	command.Dir = t.folder
	command.Env = append(os.Environ(), environment...)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%w: go %s: %w\n%s", ErrNotPossible, strings.Join(arguments, " "), err, complaints.String())
	}
	return strings.TrimSpace(out.String()), nil
}

func (t goTool) compile() ([]byte, error) {
	folder, err := os.MkdirTemp("", "streamlease-demo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "stage.wasm")
	if _, err := t.run([]string{"GOOS=js", "GOARCH=wasm"}, "build", "-trimpath", "-ldflags=-s -w", "-o", file, program); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
