package architecture_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheClientCompilesNoAdapterAndNoLibrary(t *testing.T) {
	for _, path := range load(t).compiled(t, module) {
		allowed := path == module || path == core || path == ports || within(path, module+"/internal")
		assert.True(t, allowed, "the root package compiles %s", path)
	}
}

// The quickstart is the first thing that a newcomer runs: it starts fast
// because there is little to compile.
func TestTheQuickstartCompilesNoLibraryButTheTerminals(t *testing.T) {
	allowed := []string{module, "golang.org/x/term", "golang.org/x/sys"}
	for _, path := range load(t).compiled(t, module+"/examples/quickstart") {
		assert.True(t, withinAny(path, allowed), "the quickstart compiles %s", path)
	}
}
