package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

// count is how many of the lines of a table have the word.
func count(table, word string) int {
	number := 0
	for line := range strings.Lines(table) {
		for _, cell := range strings.Fields(line) {
			if cell == word {
				number++
				break
			}
		}
	}
	return number
}

// The whole of an operator's night: who owns what, who is frozen, who is dead,
// what is poisonous; and all of it mended with nothing but the tool.
func TestANightOnCall(t *testing.T) {
	server := redistest.Start(t)
	operate(t, server.URL())
	url := []string{"-url", server.URL()}
	alice, bob := startMember(t, "alice", url...), startMember(t, "bob", url...)

	names := []string{"announce"}
	for i := range 20 {
		names = append(names, fmt.Sprintf("order-%d", i))
	}
	require.Len(t, strings.Fields(ok(t, names...)), 20)
	eventually(t, "20 streams: 20 owned", "ls")
	table := ok(t, "ls", "--wide")
	require.Equal(t, 20, count(table, "owned"))
	require.Equal(t, 20, count(table, "alice")+count(table, "bob"))
	require.Equal(t, 2, count(ok(t, "members"), "live"))

	// A member is frozen: the tool says so, and the other one takes over.
	alice.Freeze()
	awaitLiving(t, 1)
	eventually(t, "20 streams: 20 owned", "ls", "--owner", "bob")
	require.NoError(t, alice.Thaw())
	awaitLiving(t, 2)

	// A stream is handed from one to the other: as long as it takes for the
	// ranks to choose another than its owner.
	require.Contains(t, ok(t, "handoff", "order-3"), "order-3")
	eventually(t, "owned", "show", "order-3")

	// A member is killed.
	alice.Kill9()
	eventually(t, "20 streams: 20 owned", "ls", "--owner", "bob")

	// A stream that never works is put aside, with the evidence.
	ok(t, "announce", "poison-1", "--info", `{"region":"eu"}`)
	eventually(t, "poison-1", "quarantine", "ls")
	shown := ok(t, "quarantine", "show", "poison-1")
	require.Contains(t, shown, "this one never works")
	require.Contains(t, shown, "bob")
	got := call("show", "poison-1")
	require.Equal(t, unwell, got.status)
	require.Contains(t, got.complaints, "is in the quarantine: streamlease quarantine show ")

	// Once more it fails as before, and then it goes.
	before := strings.Fields(shown)[1]
	ok(t, "quarantine", "requeue", "poison-1")
	eventually(t, "poison-1", "quarantine", "ls")
	require.NotContains(t, ok(t, "quarantine", "ls"), before, "it is a new assignment")
	require.Contains(t, answer("y\n", "quarantine", "drop", "poison-1").complaints, "Dropped 1 stream.")
	require.Empty(t, ok(t, "quarantine", "ls"))

	// The service ends, but not while somebody lives.
	refused := call("purge", "orders", "--yes")
	require.Equal(t, unwell, refused.status)
	require.Contains(t, refused.complaints, "1 member of \"orders\" still live (bob)")
	bob.Kill9()
	eventually(t, "late", "members")
	require.Contains(t, answer("no\n", "purge", "orders").complaints, "Nothing was done.")
	require.NotEmpty(t, server.Client(t).Keys(t.Context(), "*").Val())
	ok(t, "purge", "orders", "--yes")
	require.Empty(t, server.Client(t).Keys(t.Context(), "*").Val())
}

func awaitLiving(t *testing.T, members int) {
	t.Helper()
	require.Eventually(t, func() bool { return count(call("members").out, "live") == members }, patience, patience/5000)
}
