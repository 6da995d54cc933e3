package gallery

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// directives are the arguments of the commands in gallery.go, and the pages
// that they write.
func directives(t *testing.T) (arguments [][]string, pages []string) {
	t.Helper()
	source, err := os.ReadFile("gallery.go")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`(?m)^//go:generate go run \.\./\.\./cmd/sim (.*) --html=(\S+)$`).FindAllStringSubmatch(string(source), -1) {
		arguments, pages = append(arguments, strings.Fields(found[1])), append(pages, found[2])
	}
	require.Len(t, pages, 8)
	return arguments, pages
}

// largest keeps the repository small.
const largest = 150_000

func TestThePagesAreWhatTheirCommandsMake(t *testing.T) {
	program := filepath.Join(t.TempDir(), "sim")
	output, err := exec.Command("go", "build", "-o", program, "../../cmd/sim").CombinedOutput()
	require.NoError(t, err, "%s", output)
	arguments, pages := directives(t)
	for i, page := range pages {
		again := filepath.Join(t.TempDir(), page)
		output, err := exec.Command(program, append(arguments[i], "--html="+again)...).CombinedOutput()
		require.NoError(t, err, "%s", output)
		made, err := os.ReadFile(again)
		require.NoError(t, err)
		kept, err := os.ReadFile(page)
		require.NoError(t, err)
		require.True(t, string(made) == string(kept), "%s is not what its command makes now: make generate, and look at it", page)
		require.Less(t, len(kept), largest, page)
	}
}

func TestEveryPageIsInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	arguments, pages := directives(t)
	for i, page := range pages {
		require.Contains(t, string(readme), "]("+page+")")
		command := strings.ReplaceAll(strings.Join(arguments[i], " "), " --quiet", "")
		require.Contains(t, string(readme), "`"+command+"`")
	}
	kept, err := filepath.Glob("*.html")
	require.NoError(t, err)
	require.ElementsMatch(t, pages, kept, "no page without its command")
}
