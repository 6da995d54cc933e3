package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Announce implements ports.Announcer. It writes what producers of this kind
// have always written: {"DataStreamName": …, "Info": …}.
func (s *Source) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	results := make([]ports.AnnounceResult, len(assignments))
	payloads := make([]string, len(assignments))
	valid := make([]int, 0, len(assignments))
	for i, assignment := range assignments {
		if payloads[i], results[i].Err = makePayload(assignment); results[i].Err == nil {
			valid = append(valid, i)
		}
	}
	for from := 0; from < len(valid); {
		end := batchEnd(from, len(valid), func(i int) int { return len(payloads[valid[i]]) })
		s.announceBatch(ctx, assignments, payloads, valid[from:end], results)
		from = end
	}
	return results, nil
}

// announceBatch adds the entries in one round trip. Nothing is repeated: an XADD
// whose reply was lost may have been done.
func (s *Source) announceBatch(ctx context.Context, assignments []ports.Assignment, payloads []string, batch []int, results []ports.AnnounceResult) {
	node, err := s.conn.Rest.Node(ctx)
	if err != nil {
		for _, index := range batch {
			results[index].Err = s.conn.Rest.Explain("XADD", err)
		}
		return
	}
	added := make([]*redis.StringCmd, len(batch))
	// Each command carries its own error.
	_, _ = node.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
		for i, index := range batch {
			added[i] = pipeline.XAdd(ctx, &redis.XAddArgs{Stream: s.conn.Stream(), Values: []string{conn.Field, payloads[index]}})
		}
		return nil
	})
	for i, index := range batch {
		id, err := added[i].Result()
		if err != nil {
			results[index].Err = fmt.Errorf("announce %.100q: %w", assignments[index].Ref.Name, s.conn.Rest.Explain("XADD", err))
			continue
		}
		results[index].Ref = ports.StreamRef{Name: assignments[index].Ref.Name, MessageID: id}
	}
}

func makePayload(assignment ports.Assignment) (string, error) {
	if err := ports.ValidateName(assignment.Ref.Name); err != nil {
		return "", err
	}
	if err := ports.ValidateInfo(assignment.Info); err != nil {
		return "", fmt.Errorf("announce %.100q: %w", assignment.Ref.Name, err)
	}
	var payload bytes.Buffer
	payload.WriteString(`{"` + nameKey + `":`)
	encoder := json.NewEncoder(&payload)
	// As it is, so that the scripts can compare it without a parser.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(assignment.Ref.Name); err != nil {
		return "", fmt.Errorf("%w: announce %.100q: %w", ports.ErrInvalid, assignment.Ref.Name, err)
	}
	payload.Truncate(payload.Len() - 1) // the encoder ends the line
	payload.WriteString(`,"` + infoKey + `":`)
	if len(assignment.Info) == 0 {
		payload.WriteString("null}")
	} else {
		payload.Write(assignment.Info)
		payload.WriteByte('}')
	}
	return payload.String(), nil
}
