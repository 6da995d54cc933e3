package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestThePageAsksForItsOwnFilesOnly(t *testing.T) {
	files := Files([]byte("program"), []byte("support"))
	for name, text := range files {
		if name == Program || name == Support {
			continue
		}
		require.Empty(t, regexp.MustCompile(`(?i)https?:|@import|url\(`).Find(text), name)
	}
	for _, found := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(files["index.html"]), -1) {
		require.True(t, files[found[1]] != nil || found[1] == "data:,", found[1])
	}
	require.Contains(t, string(files["demo.js"]), `"`+Program+`"`)
}

func TestTheProgramIsCompressed(t *testing.T) {
	program := []byte(strings.Repeat("program", 1000))
	packed := Files(program, nil)[Program]
	require.Less(t, len(packed), len(program)/10)
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	unpacked, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, program, unpacked)
}

// What the scripts ask the page for is in it.
func TestThePageHasWhatItsScriptsAskFor(t *testing.T) {
	files := Files(nil, nil)
	ids := regexp.MustCompile(`(?:byID|getElementById|put)\("([a-z]+)"`).FindAllStringSubmatch(string(files["demo.js"]), -1)
	require.Greater(t, len(ids), 20)
	for _, id := range ids {
		require.Contains(t, string(files["index.html"]), `id="`+id[1]+`"`)
	}
}
