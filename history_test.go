package streamlease

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func endedTenure(name string, token Token) *Stream {
	return &Stream{ref: StreamRef{Name: name, MessageID: "1-0"}, token: token}
}

func TestHistoryKeepsTheNewestTenureOfEachName(t *testing.T) {
	h := newHistory()
	h.add(endedTenure("s1", 1))
	newest := endedTenure("s1", 2)
	h.add(newest)
	require.Same(t, newest, h.of("s1"))
	require.Nil(t, h.of("s2"))
}

func TestHistoryForgetsTheOldestAndStaysBounded(t *testing.T) {
	h := newHistory()
	h.add(endedTenure("again", 1))
	for i := range 3 * historySize {
		h.add(endedTenure(fmt.Sprint(i), 1))
		if i == historySize/2 {
			h.add(endedTenure("again", 2))
		}
		if i == historySize+1 {
			require.NotNil(t, h.of("again"), "its newer tenure is still remembered")
		}
	}
	require.Len(t, h.byName, historySize)
	require.Len(t, h.ring, historySize)
	require.Nil(t, h.of("again"))
	require.NotNil(t, h.of(fmt.Sprint(3*historySize-1)))
	require.Nil(t, h.of(fmt.Sprint(2*historySize-1)))
}
