package architecture_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const fence = module + "/fence"

// fences are the folders of fence/, each with the libraries that it is for.
var fences = map[string][]string{
	"redisfence": {"github.com/redis/go-redis/v9"},
	"sqlfence":   nil,
	"fencehttp":  nil,
}

func TestWhatFencesHaveInCommonCompilesOnlyCore(t *testing.T) {
	assert.Equal(t, []string{core, fence}, load(t).compiled(t, fence))
}

func TestAFenceImportsCoreAndItsOwnLibrariesOnly(t *testing.T) {
	packages := load(t)
	for _, path := range packages.below(fence) {
		if path == fence {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(path, fence+"/"), "/")
		libraries, known := fences[name]
		require.True(t, known, "%s is not in the table of fences in this test: say which libraries it is for", path)
		for _, imported := range packages[path].Imports {
			allowed := packages[imported].Standard || imported == core || imported == fence || withinAny(imported, libraries)
			assert.True(t, allowed, "%s imports %s", path, imported)
		}
	}
}

func TestWhoUsesOneFenceCompilesNoLibraryOfAnother(t *testing.T) {
	packages := load(t)
	for name, mine := range fences {
		for _, compiled := range packages.compiled(t, fence+"/"+name) {
			assert.False(t, within(compiled, module+"/adapters"), "%s compiles the adapter %s", name, compiled)
			for other, libraries := range fences {
				foreign := withinAny(compiled, libraries) && !withinAny(compiled, mine)
				assert.False(t, foreign, "%s compiles %s, a library of %s", name, compiled, other)
			}
		}
	}
}
