package snippets_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// TestEveryGoBlockOfTheDocumentsStandsInAFileThatIsCompiled: go vet and the tests
// compile every Go file; this looks for the blocks among them.
func TestEveryGoBlockOfTheDocumentsStandsInAFileThatIsCompiled(t *testing.T) {
	code := corpus(t)
	blocks := 0
	for path, text := range files(t, ".md") {
		for _, block := range goBlocks(text) {
			blocks++
			for _, piece := range pieces(block) {
				assert.True(t, stands(code, piece), "%s: this stands in no Go file:\n%s", path, piece)
			}
		}
	}
	require.Greater(t, blocks, 10, "the test looks in the wrong place")
}

func TestABlockThatWasChangedIsNoticed(t *testing.T) {
	code := corpus(t)
	require.True(t, stands(code, "publisher := streamlease.NewPublisher(source)"))
	require.False(t, stands(code, "publisher := streamlease.NewPublisher(sourced)"))
	require.False(t, stands(code, "ublisher := streamlease.NewPublisher(source)"), "part of a line is not enough")
}

// files are those of the repository with such a name, by their paths.
func files(t *testing.T, suffix string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, suffix):
			return nil
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	require.NoError(t, err)
	return found
}

// corpus is all the Go code of the repository, as plain writes it.
func corpus(t *testing.T) (code []string) {
	t.Helper()
	for _, text := range files(t, ".go") {
		code = append(code, "\n"+plain(text)+"\n")
	}
	return code
}

func stands(code []string, piece string) bool {
	wanted := "\n" + plain(piece) + "\n"
	for _, file := range code {
		if strings.Contains(file, wanted) {
			return true
		}
	}
	return false
}

var space = regexp.MustCompile(`[ \t]+`)

// plain forgets how code is indented and aligned, and empty lines: a document may
// set it otherwise.
func plain(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(space.ReplaceAllString(line, " ")); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var fenced = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

func goBlocks(text string) (blocks []string) {
	for _, match := range fenced.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// between is where a block leaves something out, or begins a function after
// statements, which no file has in that order.
var between = regexp.MustCompile(`(?m)^(\.\.\.|…)$|^\n*(?:func )`)

func pieces(block string) (found []string) {
	begin := 0
	add := func(end int) {
		if piece := block[begin:end]; plain(piece) != "" {
			found = append(found, piece)
		}
	}
	for _, at := range between.FindAllStringIndex(block, -1) {
		add(at[0])
		begin = at[0]
		if !strings.Contains(block[at[0]:at[1]], "func") {
			begin = at[1]
		}
	}
	add(len(block))
	return found
}
