package failures_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// hostileNames are names that the rules allow, and that would break whoever
// splits, quotes, matches, formats or normalizes what is only to be passed on.
func hostileNames() []string {
	full := func(part string) string { return strings.Repeat(part, ports.MaxNameBytes/len(part)) }
	return []string{
		" ", "a ", " a", "two words", "\t", "\n", "a\nb", "\r\n", "a\r\n+OK\r\n",
		":", "a:b", "a:", ":a", "a:1-1", "1-1", "0-0", "a:1-1:2-2",
		"{", "}", "{}", "{a}", "*", "?", "[a-z]", "a*", "(1", "+inf", "nan", "-", ".",
		"%s", "%", "%d%n", "^%d+$", "]]", "--", "--[[", "]]--", `"`, `\`, `\"`, `'`, `\u0061`, `\ud800`, "$(x)", "<&>",
		"\x00", "a\x00", "a\x00b", "\x00\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffd", "\u202e",
		"😀", "👩‍👩‍👧", "\u00e9", "e\u0301", "A", "a", "aa", "aaa", "ａ",
		"null", "true", `{"DataStreamName":"a"}`, lbsField, "taken:", "member:", "leases",
		serviceName + "-input", "{" + serviceName + "-input}:leases", "{" + serviceName + "-input}:session:",
		"00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff 7 1-1",
		full("n"), full("n")[1:], full("\x00"), full(`"`), full("\u2028x"), full("😀"),
	}
}

// hostileInfos are infos that the rules allow.
func hostileInfos() []string {
	const frame = len(`{"x":""}`)
	nested := func(depth int) string {
		return strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1)
	}
	return []string{
		"", "{}", `{ "spaces" :	[ 1 , 2 ]` + "\n}",
		`{"n":9007199254740993,"e":1e400,"f":1.00,"z":-0,"t":18446744073709551616}`,
		`{"a":1,"a":2,"A":3}`, `{"DataStreamName":"another","Info":{}}`,
		`{"half":"\ud800","nul":"\u0000","slash":"\/","` + "\u2028" + `":"</script>"}`,
		`{"x":"%s ]] -- \" \\ } {"}`,
		nested(9_999),
		`{"x":"` + strings.Repeat("i", ports.MaxInfoBytes-frame) + `"}`,
		`{"x":"` + strings.Repeat("\u2028", (ports.MaxInfoBytes-frame)/3) + `"}`,
	}
}

// announceHostile announces every name, with each info in turn, and answers
// what was announced.
func (s *scenario) announceHostile() []streamlease.Assignment {
	s.t.Helper()
	infos := hostileInfos()
	var assignments []streamlease.Assignment
	for i, name := range hostileNames() {
		assignments = append(assignments, streamlease.Assignment{
			Ref: streamlease.StreamRef{Name: name}, Info: streamlease.Info(infos[i%len(infos)]),
		})
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	refs, err := s.producer.Announce(ctx, assignments...)
	require.NoError(s.t, err)
	s.announced = append(s.announced, refs...)
	for i := range assignments {
		require.Equal(s.t, assignments[i].Ref.Name, refs[i].Name)
		assignments[i].Ref = refs[i]
	}
	return assignments
}

func TestNamesAndInfosOfAnyCharactersAreOwnedLostClaimedHandedOffAndFinishedByteForByte(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 8 * time.Second, SweepInterval: time.Second})
	victim := s.startMembers(1)[0]
	assignments := s.announceHostile()
	s.awaitOwned(s.announced)

	heir := s.startResident()
	victim.kill9()
	s.await("everything was claimed", func() error {
		owned := heir.owned()
		for _, ref := range s.announced {
			if owned[ref] == nil {
				return fmt.Errorf("%d of %d are owned, not %.40q of %d bytes", len(owned), len(s.announced), ref.Name, len(ref.Name))
			}
		}
		return nil
	})
	for ref, stream := range heir.owned() {
		parsed, err := streamlease.ParseStreamRef(ref.String())
		require.NoError(t, err)
		assert.True(t, parsed == stream.Ref(), "%.100q is read back as %.100q", ref, parsed)
	}
	owned := heir.owned()
	for _, announced := range assignments {
		got := owned[announced.Ref].Info()
		assert.True(t, string(announced.Info) == string(got), "the info of %.100q came as %.100q, not as %.100q", announced.Ref.Name, got, announced.Info)
	}
	assert.Len(t, owned, len(assignments), "two names have become one, or one two")

	s.startMembers(2)
	heir.close() // which hands off
	s.awaitOwned(s.announced)
	s.finish()
}
