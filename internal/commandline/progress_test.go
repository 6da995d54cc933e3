package commandline

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhereThereIsNoTerminalALineComesNowAndThen(t *testing.T) {
	said := new(strings.Builder)
	bar := NewProgress(said)
	defer bar.Close()
	describe := func() string { return "12 seeds" }
	bar.Reach(0.25, describe)
	require.Empty(t, said.String())
	bar.shown = time.Now().Add(-linesEvery)
	bar.Reach(0.25, describe)
	bar.Reach(0.26, describe)
	require.Equal(t, " 25 %  12 seeds\n", said.String())
}
