package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNumbersAreWrittenAsPeopleReadThem(t *testing.T) {
	for number, text := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567"} {
		require.Equal(t, text, grouped(number))
	}
	for duration, text := range map[time.Duration]string{
		1500 * time.Millisecond: "1.500 s", 1500 * time.Second: "25.0 minutes", 3 * time.Hour: "3.0 hours",
		36 * time.Hour: "1.5 days", 2 * 365 * 24 * time.Hour: "2.00 years",
	} {
		require.Equal(t, text, longTime(duration))
	}
	require.Equal(t, "1 seed", plural(1, "seed"))
	require.Equal(t, "0 seeds", plural(0, "seed"))
}

func TestAWordIsQuotedAsAShellTakesIt(t *testing.T) {
	for word, text := range map[string]string{"a/b-c_1.x": "a/b-c_1.x", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		require.Equal(t, text, quoted(word))
	}
}
