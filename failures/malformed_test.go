package failures_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// malformed are entries that are no assignments, by what is wrong with them.
func malformed() map[string][]string {
	junk := strings.Repeat("junk\x00\xff", 10<<20/6)
	payload := func(text string) []string { return []string{lbsField, text} }
	return map[string][]string{
		"bad JSON":                 payload(`{"DataStreamName": "a", `),
		"no JSON at all":           payload("\x00\xff not json"),
		"empty payload":            payload(""),
		"missing name":             payload(`{"Info": {}}`),
		"empty name":               payload(`{"DataStreamName": "", "Info": {}}`),
		"name of a wrong type":     payload(`{"DataStreamName": 17, "Info": {}}`),
		"info of a wrong type":     payload(`{"DataStreamName": "a", "Info": [1]}`),
		"an array":                 payload(`["DataStreamName", "a"]`),
		"null":                     payload(`null`),
		"name in invalid UTF-8":    payload("{\"DataStreamName\": \"a\xff\", \"Info\": {}}"),
		"name twice":               payload(`{"DataStreamName": "a", "DataStreamName": "b"}`),
		"name too long":            payload(`{"DataStreamName": "` + strings.Repeat("n", 64<<10+1) + `"}`),
		"no such field":            {"another-field", `{"DataStreamName": "a", "Info": {}}`},
		"a second field":           {lbsField, `{"DataStreamName": "a"}`, "more", "1"},
		"the field twice":          {lbsField, `{"DataStreamName": "a"}`, lbsField, `{"DataStreamName": "b"}`},
		"10 MiB of junk":           payload(junk),
		"10 MiB of junk as a name": {junk, "value"},
	}
}

func TestFailure02MalformedEntriesLandInQuarantineWithAReasonAndGoodOnesBehindThemFlowOn(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second})
	wrong := map[string]string{} // what is wrong, by message ID
	addMalformed := func(when string) {
		for what, entry := range malformed() {
			wrong[s.add(entry...)] = what
			s.announce("behind " + what + when)
		}
	}
	addMalformed(" before anybody reads")
	s.startMembers(2)
	s.awaitOwned(s.announced)
	addMalformed(" while members wait")
	s.awaitOwned(s.announced)

	s.await("each malformed entry is in quarantine", func() error {
		entries, err := s.keys.quarantine(t.Context())
		if err == nil && len(entries) < len(wrong) {
			err = fmt.Errorf("%d of %d are", len(entries), len(wrong))
		}
		return err
	})
	entries, err := s.keys.quarantine(t.Context())
	require.NoError(t, err)
	require.Len(t, entries, len(wrong))
	told := map[string]string{}
	for id, entry := range entries {
		require.Contains(t, wrong, id, "the quarantine holds an entry that was well formed: %+v", entry)
		assert.NotEmpty(t, entry.Reason, "why %s was quarantined", wrong[id])
		assert.LessOrEqual(t, entry.Kept, 64<<10, "bytes kept of %s", wrong[id])
		told[wrong[id]] = entry.Reason
	}
	for what, reason := range told {
		t.Logf("%s: %s", what, reason)
	}
	s.finish()
}
