package failures_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// ruleBreakers are assignments that the rules forbid, by what is wrong with them.
func ruleBreakers() map[string]streamlease.Assignment {
	named := func(name, info string) streamlease.Assignment {
		return streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}, Info: streamlease.Info(info)}
	}
	nested := func(depth int) string { return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth) }
	return map[string]streamlease.Assignment{
		"an empty name":                         named("", ""),
		"a name in invalid UTF-8":               named("a\xff", ""),
		"a name with half a surrogate":          named("a\xed\xa0\x80", ""),
		"a name that ends within a character":   named("😀"[:3], ""),
		"a name that is too long":               named(strings.Repeat("n", ports.MaxNameBytes+1), ""),
		"an info that is an array":              named("a", "[]"),
		"an info that is null":                  named("a", "null"),
		"an info that is not JSON":              named("a", "{"),
		"two infos":                             named("a", "{}{}"),
		"an info in invalid UTF-8":              named("a", "{\"x\":\"\xff\"}"),
		"an info that is too long":              named("a", `{"x":"`+strings.Repeat("i", ports.MaxInfoBytes)+`"}`),
		"an info deeper than parsers go":        named("a", nested(10_001)),
		"an info that is as deep as parsers go": named("a", nested(10_000)),
	}
}

func TestThePublisherRefusesWhatBreaksTheRulesAndAddsNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{})
	for what, assignment := range ruleBreakers() {
		refs, err := s.producer.Announce(t.Context(), assignment)
		assert.ErrorIs(t, err, streamlease.ErrInvalid, what)
		assert.Less(t, len(fmt.Sprint(err)), 1<<10, "the length of the error for %s", what)
		for _, ref := range refs {
			assert.Zero(t, ref, what)
		}
	}
	entries, err := s.keys.client.XLen(t.Context(), s.keys.stream()).Result()
	require.NoError(t, err)
	assert.Zero(t, entries, "entries on the LBS")

	s.startMembers(1)
	s.awaitOwned(s.announce("the next one"))
	s.finish()
}

// rawEntries are entries of somebody who does not go by the rules: each is in
// the quarantine as it was. What stands under each name is what is kept of it.
func rawEntries() map[string][]string {
	payload := func(text string) []string { return []string{lbsField, text} }
	return map[string][]string{
		"a name in invalid UTF-8":            payload("{\"DataStreamName\":\"a\xff\",\"Info\":{}}"),
		"another name in invalid UTF-8":      payload("{\"DataStreamName\":\"a\xfe\",\"Info\":{}}"),
		"a name with half a surrogate":       payload(`{"DataStreamName":"a\ud800"}`),
		"an empty name":                      payload(`{"DataStreamName":""}`),
		"a name that is too long":            payload(`{"DataStreamName":"` + strings.Repeat("n", ports.MaxNameBytes+1) + `"}`),
		"an info in invalid UTF-8":           payload("{\"DataStreamName\":\"a\",\"Info\":{\"x\":\"\xff\"}}"),
		"an info that is too long":           payload(`{"DataStreamName":"a","Info":{"x":"` + strings.Repeat("i", ports.MaxInfoBytes) + `"}}`),
		"an info deeper than parsers go":     payload(`{"DataStreamName":"a","Info":` + strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_001)),
		"a megabyte of brackets":             payload(strings.Repeat("[", 1<<20)),
		"NUL, newlines and no JSON":          payload("\x00\n\r\n\x00\xff]]--%s"),
		"a line that looks like evidence":    payload("{\"time\":\"1\",\"reason\":\"mine\"}\n{}"),
		"a name in another case":             payload(`{"datastreamname":"a"}`),
		"the name twice, once by its escape": payload(`{"DataStreamName":"a","\u0044ataStreamName":"b"}`),
	}
}

func TestWhatBreaksTheRulesOnTheStreamIsQuarantinedWithAReasonAndNeverAltered(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second})
	s.startMembers(2)
	added := map[string]string{} // what is wrong, by message ID
	for what, entry := range rawEntries() {
		added[s.add(entry...)] = what
	}
	s.awaitOwned(s.announce("behind them"))
	s.await("all of them are in the quarantine", func() error {
		entries, err := s.keys.quarantine(t.Context())
		if err == nil && len(entries) < len(added) {
			err = fmt.Errorf("%d of %d are", len(entries), len(added))
		}
		return err
	})
	raw, err := s.keys.client.HGetAll(t.Context(), s.keys.key("quarantine")).Result()
	require.NoError(t, err)
	require.ElementsMatch(t, slices.Collect(maps.Keys(added)), slices.Collect(maps.Keys(raw)))
	entries, err := s.keys.quarantine(t.Context())
	require.NoError(t, err)
	const kept = 64 << 10
	for id, what := range added {
		payload := rawEntries()[what][1]
		_, left, _ := strings.Cut(raw[id], "\n")
		assert.NotEmpty(t, entries[id].Reason, what)
		assert.Equal(t, fmt.Sprint(len(payload)), entries[id].Size, "the size of %s", what)
		assert.True(t, payload[:min(len(payload), kept)] == left, "of %s the quarantine keeps %.100q", what, left)
		t.Logf("%s: %s", what, entries[id].Reason)
	}
	s.finish()
}
