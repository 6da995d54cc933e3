package architecture_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The simulator is a program to run, not a library: nobody compiles it who did
// not ask for it.
func TestTheSimulatorIsCompiledByItsProgramAlone(t *testing.T) {
	const program = module + "/cmd/sim"
	its := []string{module + "/internal/sim", program}
	packages := load(t)
	for _, path := range packages.ours() {
		if withinAny(path, []string{program, module + "/internal/sim"}) {
			continue
		}
		for _, compiled := range packages.compiled(t, path) {
			assert.False(t, withinAny(compiled, its), "%s compiles %s", path, compiled)
		}
	}
	for _, path := range its {
		assert.Contains(t, packages.compiled(t, program), path, "this test looks for what is not there")
	}
}

// What programs show themselves with is nothing for a service to compile.
func TestCommandLinesAreCompiledByProgramsAlone(t *testing.T) {
	its := []string{module + "/internal/commandline", "github.com/alecthomas/kong", "github.com/schollz/progressbar/v3"}
	programs := append([]string{module + "/cmd"}, its...)
	packages := load(t)
	for _, path := range packages.ours() {
		if withinAny(path, programs) {
			continue
		}
		for _, compiled := range packages.compiled(t, path) {
			assert.False(t, withinAny(compiled, its), "%s compiles %s", path, compiled)
		}
	}
	for _, path := range its {
		assert.Contains(t, packages.compiled(t, module+"/cmd/sim"), path, "this test looks for what is not there")
	}
}
