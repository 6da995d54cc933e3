package examined

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

// Quarantine reads what a source of goredis has put in its quarantine, the hash
// with that key.
func Quarantine(operator redis.UniversalClient, key string) ([]conformance.Quarantined, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	all, err := operator.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, err
	}
	var listed []conformance.Quarantined
	for messageID, text := range all {
		one, err := readEvidence(messageID, text)
		if err != nil {
			return nil, err
		}
		listed = append(listed, one)
	}
	return listed, nil
}

// readEvidence reads one line of JSON, in which numbers are text; the payload
// follows.
func readEvidence(messageID, text string) (conformance.Quarantined, error) {
	line, _, _ := strings.Cut(text, "\n")
	var evidence struct {
		Name, Reason, Failures, Crashes string
		Endings                         []struct{ Reason string }
	}
	if err := json.Unmarshal([]byte(line), &evidence); err != nil {
		return conformance.Quarantined{}, err
	}
	one := conformance.Quarantined{Ref: ports.StreamRef{Name: evidence.Name, MessageID: messageID}, Reason: evidence.Reason}
	one.Failures, _ = strconv.Atoi(evidence.Failures)
	one.Crashes, _ = strconv.Atoi(evidence.Crashes)
	for _, ending := range evidence.Endings {
		one.Endings = append(one.Endings, ending.Reason)
	}
	return one, nil
}
