package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhereThereIsNoTerminalALineComesNowAndThen(t *testing.T) {
	said := new(strings.Builder)
	c := &console{complaints: said}
	bar := c.newProgress()
	defer bar.close()
	describe := func() string { return "12 seeds" }
	bar.reach(0.25, describe)
	require.Empty(t, said.String())
	bar.shown = time.Now().Add(-linesEvery)
	bar.reach(0.25, describe)
	bar.reach(0.26, describe)
	require.Equal(t, " 25 %  12 seeds\n", said.String())
}
