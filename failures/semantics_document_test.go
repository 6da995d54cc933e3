package failures_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const failureSemantics = "../docs/failure-semantics.md"

var (
	aTestName   = regexp.MustCompile("`(Test\\w+)`")
	aTest       = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	aNumbered   = regexp.MustCompile(`^TestFailure\d\d`)
	theFailures = 17
)

func TestEachTestThatTheFailureSemanticsNameExistsAndNoFailureIsMissing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(failureSemantics)
	require.NoError(t, err)
	var named []string
	for _, found := range aTestName.FindAllStringSubmatch(string(text), -1) {
		named = append(named, found[1])
	}
	require.NotEmpty(t, named)
	existing := testsBelow(t, "..")
	for _, name := range named {
		assert.Contains(t, existing, name, "%s names a test that does not exist", failureSemantics)
	}
	numbers := map[string]bool{}
	for _, name := range testsBelow(t, ".") {
		if number := aNumbered.FindString(name); number != "" {
			numbers[number] = true
			assert.Contains(t, named, name, "%s does not name it", failureSemantics)
		}
	}
	assert.Len(t, numbers, theFailures, "numbered failures")
}

// testsBelow are the names of all tests in a folder and those beneath it.
func testsBelow(t *testing.T, folder string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range aTest.FindAllSubmatch(source, -1) {
			names = append(names, string(found[1]))
		}
		return err
	}))
	slices.Sort(names)
	return names
}
