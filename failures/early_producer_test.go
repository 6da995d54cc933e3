package failures_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure03AProducerThatStartsBeforeAnyConsumerLosesNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second})
	names := streamNames(testsize.Pick(200, 10_000))
	half := len(names) / 2
	for _, name := range names[:half] {
		s.announceByHand(name)
	}
	refs := s.announce(names[half:]...)
	require.Len(t, refs, len(names)-half)

	began := s.now()
	s.startMembers(2)
	s.awaitOwned(s.announced)
	var waits times
	for _, owners := range s.books.owners() {
		waits = append(waits, owners[0].began-began)
	}
	t.Logf("owned after the first consumers were started: %v", waits)
	s.finish()
}

// announceByHand is what a producer does that knows nothing but Redis.
func (s *scenario) announceByHand(name string) streamlease.StreamRef {
	s.t.Helper()
	payload, err := json.Marshal(map[string]any{"DataStreamName": name, "Info": map[string]any{"by": "hand"}})
	require.NoError(s.t, err)
	ref := streamlease.StreamRef{Name: name, MessageID: s.add(lbsField, string(payload))}
	s.announced = append(s.announced, ref)
	return ref
}

// lbsField is the one field of an entry of the LBS.
const lbsField = "lbs-input"

// add puts an entry of any shape on the LBS and returns its message ID.
func (s *scenario) add(fieldsAndValues ...string) string {
	s.t.Helper()
	id, err := s.keys.client.XAdd(s.t.Context(), &redis.XAddArgs{Stream: s.keys.stream(), Values: fieldsAndValues}).Result()
	require.NoError(s.t, err)
	return id
}
