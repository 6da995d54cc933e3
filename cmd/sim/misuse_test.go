package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongUseIsExplained(t *testing.T) {
	for _, row := range []struct {
		arguments []string
		says      string
	}{
		{nil, "sim: expected one of \"list\", \"run\", \"search\", \"replay\", \"shrink\", ...\nTry: sim --help\n"},
		{[]string{"rn"}, "sim: unexpected argument rn; the nearest is run\n  sim rn\n      ^^\nTry: sim --help\n"},
		{[]string{"run", "crash", "--sed", "4"},
			"sim: unknown flag --sed; the nearest is --seed\n  sim run crash --sed 4\n                ^^^^^\nTry: sim run --help\n"},
		{[]string{"run", "crash", "--seed=x"},
			"sim: --seed: expected a valid 64 bit uint but got \"x\"\n  sim run crash --seed=x\n                ^^^^^^^^\nTry: sim run --help\n"},
		{[]string{"run", "crash", "--lease", "redsynk"}, `--lease: "redsynk" is no lease store; the nearest is "redsync" (there are: goredis, `},
		{[]string{"run", "crash", "--source", "redis"}, `--source: "redis" is no source; the nearest is "goredis"`},
		{[]string{"run", "crash", "--notifier", "nome"}, `--notifier: "nome" is no notifier; the nearest is "none"`},
		{[]string{"run", "crash", "--depth", "adaptors"}, `--depth: "adaptors" is no depth; the nearest is`},
		{[]string{"run", "crash", "--depth", "adapters", "--lease", "memory"}, "sim: --lease memory: at adapters depth members are processes"},
		{[]string{"search", "--depth", "adapters", "--lease", "memory"}, "sim: --lease memory: at adapters depth members are processes"},
		{[]string{"replay", "1", "--depth", "adapters", "--source", "memory"}, "sim: --source memory: at adapters depth members are processes"},
		{[]string{"run", "crash", "--depth", "adapters", "--ablate", "held-not-checked"}, "sim: --ablate held-not-checked: it is a rule of the model's stores"},
		{[]string{"search", "--depth", "adapters", "--ablate", "grant-used-again"}, "sim: --ablate grant-used-again: it is a rule of the model's stores"},
		{[]string{"exhaust", "--depth", "adapters"}, "sim: --depth adapters: exhaust works at model depth only"},
		{[]string{"run", "crash", "--ablate", "no-sweeping"}, `--ablate: "no-sweeping" is no rule; the nearest is "no-sweep" (sim list --rules)`},
		{[]string{"run", "crash", "--members", "0"}, `--members: "0" is out of range: 1 to 1000`},
		{[]string{"run", "crash", "--members", "many"}, `--members: "many" is no number`},
		{[]string{"run", "crash", "--streams=-1"}, `--streams: "-1" is out of range: 0 to 100000`},
		{[]string{"run", "crash", "--streams", "99999999999999999999"}, `--streams: "99999999999999999999" is out of range`},
		{[]string{"run", "crash", "--duration", "0s"}, `--duration: nothing can happen in 0s`},
		{[]string{"run", "crash", "--duration=-1s"}, `--duration: "-1s" is out of range: it is less than nothing`},
		{[]string{"run", "crash", "--duration", "99999h"}, `--duration: "99999h" is out of range: more than a year`},
		{[]string{"run", "crash", "--duration", "soon"}, `--duration: "soon" is no duration; write it as 2s or 300ms`},
		{[]string{"run", "crsh"}, "sim: no scenario is called \"crsh\"; the nearest is \"crash\"\n"},
		{[]string{"run"}, "sim: name a scenario (sim list shows them), or give --file FILE\n"},
		{[]string{"run", "crash", "--file", "f"}, "sim: crash and --file f: name one scenario, not two\n"},
		{[]string{"list", "crsh"}, `the nearest is "crash"`},
		{[]string{"matrix", "crash", "calmer"}, `no scenario is called "calmer"; the nearest is "calm"`},
		{[]string{"replay"}, "sim: give the seed that is to be drawn again, or --clicks LINK\n"},
		{[]string{"replay", "1", "--clicks", "seed=1"}, "sim: --clicks: a link says all that there is to say; leave out 1\n"},
		{[]string{"replay", "--clicks", "seed=1", "--members", "5", "--lease", "redsync"}, "leave out --lease redsync --members 5\n"},
		{[]string{"replay", "--clicks", "seed=1&until=9s&at=2s+crsh+m1"}, `this is no link to a run: action:1:7: "crsh" is not known; the nearest is "crash"`},
		{[]string{"replay", "--clicks", "seed=1"}, "nothing has happened yet"},
		{[]string{"search", "--seeds", "0"}, `--seeds: "0" is out of range`},
		{[]string{"search", "--for", "0s"}, `--for: nothing can happen in 0s`},
		{[]string{"exhaust", "--faults", "0"}, `--faults: "0" is out of range`},
	} {
		got := call(row.arguments...)
		assert.Equal(t, misused, got.status, row.arguments)
		assert.Contains(t, got.complaints, row.says, row.arguments)
		assert.Empty(t, got.out, row.arguments)
	}
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	got := call("run", "--file", missing)
	require.Equal(t, misused, got.status)
	require.Contains(t, got.complaints, missing+": no such file or directory")

	folder := t.TempDir()
	got = call("shrink", "--file", folder)
	require.Equal(t, misused, got.status)
	require.Contains(t, got.complaints, folder+": is a directory")

	endless := call("run", "--file", "/dev/zero")
	require.Equal(t, misused, endless.status)
	require.Contains(t, endless.complaints, "/dev/zero is larger than a scenario may be")
}

func TestAMistakeInAFileIsNamedWithItsPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wrong.scenario")
	require.NoError(t, os.WriteFile(file, []byte("with streams=2\nat 2s frezze m1 3s\n"), 0o600))
	for _, command := range []string{"run", "shrink"} {
		got := call(command, "--file", file)
		require.Equal(t, misused, got.status)
		require.Equal(t, "sim: "+file+`:2:7: "frezze" is not known; the nearest is "freeze"`+"\n", got.complaints)
	}
}

func TestAFileThatCannotBeWrittenIsNamedBeforeAnythingRuns(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "missing", "f")
	for _, command := range [][]string{{"run", "calm"}, {"replay", "1"}} {
		for _, flag := range []string{"--trace", "--html"} {
			got := call(append(command, flag, nowhere)...)
			require.Equal(t, misused, got.status)
			require.Contains(t, got.complaints, "sim: "+flag+": open "+nowhere+": no such file or directory")
			require.Empty(t, got.out)
		}
	}
}

func TestAFileThatCannotBeWrittenToItsEndIsNoSuccess(t *testing.T) {
	for _, flag := range []string{"--trace", "--html"} {
		got := call("run", "calm", "--quiet", flag, "/dev/full")
		require.Equal(t, misused, got.status)
		require.Contains(t, got.complaints, "sim: "+flag+": write /dev/full: no space left on device")
	}
}

func TestAPageOfAYearIsNotBegun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	got := call("run", "calm", "--duration", "25h", "--html", file)
	require.Equal(t, misused, got.status)
	require.Contains(t, got.complaints, "sim: --html: nobody reads a page of more than 24h0m0s")
	require.NoFileExists(t, file)
}

var example = regexp.MustCompile(`(?m)^    sim (.*?)( >.*)?$`)

func TestHelpHasExamplesThatAreUnderstood(t *testing.T) {
	for _, command := range []string{"list", "run", "search", "replay", "shrink", "matrix", "exhaust", "demo"} {
		got := call(command, "--help")
		require.Equal(t, held, got.status, command)
		require.Empty(t, got.complaints)
		examples := example.FindAllStringSubmatch(got.out, -1)
		require.NotEmpty(t, examples, "the help of %s has no example", command)
		for _, found := range examples {
			_, err := newProgram(io.Discard, io.Discard).Parser().Parse(asWords(found[1]))
			assert.NoError(t, err, found[0])
		}
		require.Contains(t, call("--help").out, "  "+command+" ")
	}
}
