package failures_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// earlierCommit is the first commit of layout 1 that every later one must work
// beside. It changes only with the major of the layout: members of two majors
// refuse each other.
const earlierCommit = "b37f62dacbef77b5479e51bc39ada40d4ba33abb"

// buildEarlier builds this package's test binary, and so the member program, as
// it was at the earlier commit, and returns where it is.
func buildEarlier(t *testing.T) (binary string) {
	t.Helper()
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	requireHistory(t, repository)

	folder := t.TempDir()
	source, archive := filepath.Join(folder, "source"), filepath.Join(folder, "source.tar")
	binary = filepath.Join(folder, "member.test")
	require.NoError(t, os.Mkdir(source, 0o755))
	run(t, repository, "git", "archive", "--format=tar", "--output="+archive, earlierCommit)
	run(t, source, "tar", "-xf", archive)
	// Without its path in the binary, the build cache knows it the next time.
	run(t, source, "go", "test", "-c", "-trimpath", "-o", binary, "./failures")
	return binary
}

// requireHistory says what to do in a checkout that does not have the commit.
func requireHistory(t *testing.T, repository string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", "cat-file", "-e", earlierCommit+"^{commit}")
	command.Dir = repository
	output, err := command.CombinedOutput()
	require.NoError(t, err, `this test builds an earlier commit, which git does not find in %s: %s
In a shallow clone run "git fetch --unshallow"; instead of a source archive use a clone of the repository.
Commit: %s`, repository, strings.TrimSpace(string(output)), earlierCommit)
}

// run carries out a command in a folder.
func run(t *testing.T, folder, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = folder
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%v in %s:\n%s", command, folder, output)
}
