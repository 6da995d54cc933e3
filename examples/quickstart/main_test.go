package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// programVariable makes the test binary the quickstart itself, so that it runs
// with the race detector when the tests do.
const programVariable = "STREAMLEASE_QUICKSTART"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// quickstart is the program with these arguments.
func quickstart(t *testing.T, arguments ...string) (command *exec.Cmd, output, complaints *bytes.Buffer) {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	output, complaints = new(bytes.Buffer), new(bytes.Buffer)
	command = exec.Command(binary, arguments...)
	command.Env = append(os.Environ(), programVariable+"=1")
	command.Stdout, command.Stderr = output, complaints
	return command, output, complaints
}

func TestTheStoryHoldsWhatItSays(t *testing.T) {
	t.Parallel()
	command, output, complaints := quickstart(t)
	require.NoError(t, command.Run(), "%s%s", output, complaints)
	require.Empty(t, complaints.String())
	story := output.String()
	require.NotContains(t, story, "\x1b", "a terminal's sequence in plain output")
	for _, part := range []string{
		"1  Three members join",
		"2  A producer announces 8 streams",
		"They are spread evenly: ",
		"3  B is killed",
		"4  C freezes",
		"5  C wakes up",
		"late writes were refused",
		"6  3 more streams are announced",
		"7  The producer ends the streams",
		"All 11 are finished, each once",
		"11 announced, 11 finished",
		"after kill ",
		"after freeze ",
	} {
		before, after, found := strings.Cut(story, part)
		require.True(t, found, "%q is missing, or too early, in\n%s", part, output)
		require.NotEmpty(t, before)
		story = after
	}
}

func TestControlCEndsIt(t *testing.T) {
	t.Parallel()
	command, output, complaints := quickstart(t)
	started := make(chan struct{})
	command.Stdout = &firstWrite{buffer: output, happened: started}
	require.NoError(t, command.Start())
	<-started
	require.NoError(t, command.Process.Signal(os.Interrupt))
	failure := new(exec.ExitError)
	require.ErrorAs(t, command.Wait(), &failure)
	require.Equal(t, 130, failure.ExitCode(), "%s", complaints)
	require.Contains(t, complaints.String(), "interrupted")
}

// firstWrite says when something is written.
type firstWrite struct {
	buffer   *bytes.Buffer
	happened chan struct{}
}

func (w *firstWrite) Write(text []byte) (int, error) {
	if w.buffer.Len() == 0 {
		close(w.happened)
	}
	return w.buffer.Write(text)
}

func TestHelpSaysHowToRunIt(t *testing.T) {
	t.Parallel()
	command, _, complaints := quickstart(t, "--help")
	require.NoError(t, command.Run())
	require.Contains(t, complaints.String(), "go run ./examples/quickstart")
}

func TestAnUnknownArgumentIsAnError(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"-what", "what"} {
		command, _, complaints := quickstart(t, argument)
		require.Error(t, command.Run())
		require.Equal(t, 2, command.ProcessState.ExitCode())
		require.Contains(t, complaints.String(), "go run ./examples/quickstart")
	}
}

func TestItIsCompiledWithoutGoRedis(t *testing.T) {
	t.Parallel()
	packages, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	require.Contains(t, string(packages), "adapters/memory")
	require.NotContains(t, string(packages), "redis")
}

func TestALedgerRefusesOldTokens(t *testing.T) {
	l := newLedger()
	_, err := l.open("s1", 1)
	require.NoError(t, err)
	require.NoError(t, l.write("s1", 1, 0))
	position, err := l.open("s1", 2)
	require.NoError(t, err)
	require.Equal(t, 1, position)
	require.ErrorIs(t, l.write("s1", 1, 1), errOldToken)
	require.ErrorIs(t, l.finish("s1", 1), errOldToken)
	require.NoError(t, l.write("s1", 2, 1))
}

func TestTheLedgersCheckFindsWhatIsWrong(t *testing.T) {
	f := newFeed()
	f.open("s1")
	f.change(func() { f.length["s1"] = 2 })
	for wrong, l := range map[string]account{
		"finished exactly once": {entries: []entry{{0, 1}, {1, 1}}},
		"exactly once":          {entries: []entry{{0, 1}, {1, 1}}, finished: 2},
		"has 1":                 {entries: []entry{{0, 1}}, finished: 1},
		"has record 0":          {entries: []entry{{0, 1}, {0, 1}}, finished: 1},
		"refused":               {entries: []entry{{0, 2}, {1, 1}}, finished: 1},
	} {
		require.ErrorContains(t, (&ledger{accounts: map[string]*account{"s1": &l}}).verify(f), wrong)
	}
	require.NoError(t, (&ledger{accounts: map[string]*account{"s1": {entries: []entry{{0, 1}, {1, 2}}, finished: 1}}}).verify(f))
}
