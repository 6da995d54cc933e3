package architecture_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	core  = module + "/core"
	ports = module + "/ports"
	mocks = ports + "/portsmock"
	// shared is what several adapters on Redis have in common.
	shared = module + "/adapters/internal"
)

// adapters are the folders of adapters/, each with the libraries that it is an
// adapter for. What those libraries compile in turn is their business.
var adapters = map[string][]string{
	"memory":    nil,
	"goredis":   {"github.com/redis/go-redis/v9"},
	"redsync":   {"github.com/go-redsync/redsync/v4", "github.com/redis/go-redis/v9"},
	"redislock": {"github.com/bsm/redislock", "github.com/redis/go-redis/v9"},
	"internal":  {"github.com/redis/go-redis/v9"},
}

func TestCoreCompilesOnlyTheStandardLibrary(t *testing.T) {
	assert.Equal(t, []string{core}, load(t).compiled(t, core))
}

// The core is a pure state machine: time, randomness and the world come in as
// events. What it has not imported it cannot use. (The time package is for its
// Duration; that nobody calls time.Now is for a reader to see.)
func TestCoreImportsNothingThatReachesTheWorld(t *testing.T) {
	forbidden := []string{
		"context", "crypto/rand", "log", "log/slog", "math/rand", "math/rand/v2",
		"net", "os", "runtime", "sync", "sync/atomic", "syscall",
	}
	for _, imported := range load(t)[core].Imports {
		assert.NotContains(t, forbidden, imported, "core imports it")
	}
}

func TestPortsCompileOnlyCore(t *testing.T) {
	assert.Equal(t, []string{core, ports}, load(t).compiled(t, ports))
}

func TestAnAdapterImportsPortsCoreAndItsOwnLibrariesOnly(t *testing.T) {
	packages := load(t)
	for _, path := range packages.below(module + "/adapters") {
		name := adapterOf(path)
		libraries, known := adapters[name]
		require.True(t, known, "%s is not in the table of adapters in this test: say which libraries it is for", path)
		for _, imported := range packages[path].Imports {
			allowed := packages[imported].Standard || imported == core || imported == ports ||
				within(imported, module+"/adapters/"+name) || within(imported, shared) || withinAny(imported, libraries)
			assert.True(t, allowed, "%s imports %s", path, imported)
		}
	}
}

func TestWhoUsesOneAdapterCompilesNoLibraryOfAnother(t *testing.T) {
	packages := load(t)
	for _, path := range packages.below(module + "/adapters") {
		mine := adapters[adapterOf(path)]
		for _, compiled := range packages.compiled(t, path) {
			for other, libraries := range adapters {
				foreign := withinAny(compiled, libraries) && !withinAny(compiled, mine)
				assert.False(t, foreign, "%s compiles %s, a library of %s", path, compiled, other)
			}
		}
	}
}

func TestWhatIsForTestsIsImportedByTestsOnly(t *testing.T) {
	packages := load(t)
	forTests := []string{mocks, shared + "/resptest", module + "/internal/examined", module + "/internal/lockstest", module + "/internal/redistest", module + "/internal/proctest", module + "/internal/mishap", module + "/internal/testsize", module + "/internal/sqlfencetest"}
	for _, path := range packages.ours() {
		if withinAny(path, forTests) {
			continue
		}
		for _, imported := range packages[path].Imports {
			assert.NotContains(t, forTests, imported, "%s imports it outside of its tests", path)
		}
	}
}

// adapterOf returns the name of the adapter that a package below adapters/
// belongs to.
func adapterOf(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, module+"/adapters/"), "/")
	return name
}

// The simulated servers bring a Lua interpreter along: nobody's service is to
// compile it.
func TestOnlyTheSimulatorCompilesSimulatedServers(t *testing.T) {
	simulated := []string{module + "/internal/simredis", module + "/internal/simnet", "github.com/alicebob/miniredis/v2", "github.com/yuin/gopher-lua"}
	simulator := append(simulated, module+"/internal/sim", module+"/cmd/sim")
	packages := load(t)
	compiles := func(path string) (found bool) {
		for _, compiled := range packages.compiled(t, path) {
			found = found || withinAny(compiled, simulated)
		}
		return found
	}
	for _, path := range packages.ours() {
		if !withinAny(path, simulator) {
			assert.False(t, compiles(path), "%s compiles a simulated server", path)
		}
	}
	require.True(t, compiles(module+"/internal/simredis"), "the test looks for the wrong packages")
}
