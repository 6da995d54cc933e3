package architecture_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/streamlease/streamlease"

// goPackage is what `go list` says of a package, tests apart.
type goPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// graph is every package that the module compiles, by import path.
type graph map[string]goPackage

func load(t *testing.T) graph {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Standard", "./...")
	list.Dir = "../.."
	complaints := new(strings.Builder)
	list.Stderr = complaints
	output, err := list.Output()
	require.NoError(t, err, "go list: %s", complaints)

	packages := graph{}
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var listed goPackage
		err := decoder.Decode(&listed)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages[listed.ImportPath] = listed
	}
}

// compiled is all that a program compiles which imports path, itself included
// and the standard library apart, in order.
func (g graph) compiled(t *testing.T, path string) []string {
	t.Helper()
	_, found := g[path]
	require.True(t, found, "the module has no package %s", path)
	seen := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if seen[path] || g[path].Standard || path == "C" {
			return
		}
		seen[path] = true
		for _, imported := range g[path].Imports {
			visit(imported)
		}
	}
	visit(path)
	return slices.Sorted(maps.Keys(seen))
}

// ours lists the packages of the module, in order.
func (g graph) ours() []string { return g.below(module) }

// below lists root and the packages below it, in order.
func (g graph) below(root string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(g)), func(path string) bool { return !within(path, root) })
}

// within says whether path is the root or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func withinAny(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return within(path, root) })
}
