package architecture_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of the core can be turned off, so that the simulator can show that
// it would notice. Nobody else may: not the client, no adapter, no example.
func TestOnlyTheSimulatorTurnsRulesOff(t *testing.T) {
	root := filepath.Join("..", "..")
	mentioned := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		inside, err := filepath.Rel(root, path)
		require.NoError(t, err)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if !strings.Contains(string(text), "Ablation") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(inside))
		mentioned++
		assert.True(t, within(folder, "core") || within(folder, "internal/sim") || within(folder, "cmd/sim"),
			"%s mentions Ablation", inside)
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, mentioned, "no file was found that turns rules off: the test looks in the wrong place")
}
