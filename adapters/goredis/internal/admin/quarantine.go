package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Quarantined is what could not be processed.
type Quarantined struct {
	// Ref has no name when the announcement has none.
	Ref ports.StreamRef
	// At is when it came there, by the server's clock.
	At     time.Time
	Reason string
	// Token and Taker are those of its last tenure; 0 and empty: there was none.
	Token             ports.Token
	Taker             string
	Failures, Crashes int
	Endings           []Ending
	// Size is that of the payload, Kept how much of it is in the quarantine.
	Size, Kept int64
	// SHA1 is that of a payload that was cut; empty: unknown, or not cut.
	SHA1 string
	// Payload is what was announced, as far as it was kept. A list leaves it
	// out where it knows the name without.
	Payload string
}

// evidence is what is written beside the payload.
type evidence struct {
	Time, Reason, Size, SHA1, Name, Token, Taker, Failures, Crashes string
	Endings                                                         json.RawMessage
}

const (
	// idsPage is how many message IDs one command reads.
	idsPage = 1000
	// quarantinePage is how many of the quarantine one script reads; each may
	// have a payload of 64 KiB.
	quarantinePage = 50
)

// Quarantine goes through the quarantine, the oldest first. What comes while one
// goes is left out. An error ends it.
func (a *Admin) Quarantine(ctx context.Context) iter.Seq2[Quarantined, error] {
	return func(yield func(Quarantined, error) bool) {
		ids, err := a.quarantinedIDs(ctx)
		for page := range slices.Chunk(ids, quarantinePage) {
			var found []Quarantined
			if found, err = a.quarantined(ctx, page, false); err != nil {
				break
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Quarantined{}, fmt.Errorf("list the quarantine of %.100q: %w", a.reads.Service(), err))
		}
	}
}

// quarantinedIDs reads them all before anything is done with one: what is taken
// out moves the others.
func (a *Admin) quarantinedIDs(ctx context.Context) (ids []string, err error) {
	for {
		var page []string
		err := do(ctx, a.reads.Rest, "ZRANGE", func(ctx context.Context, node *redis.Client) (err error) {
			page, err = node.ZRange(ctx, a.reads.QuarantineOrder(), int64(len(ids)), int64(len(ids)+idsPage-1)).Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		ids = append(ids, page...)
		if len(page) < idsPage {
			return ids, nil
		}
	}
}

// Evidence is all that the quarantine has of an assignment; ports.ErrDone: it
// is not there.
func (a *Admin) Evidence(ctx context.Context, id string) (Quarantined, error) {
	found, err := a.quarantined(ctx, []string{id}, true)
	if err == nil && len(found) == 0 {
		err = ports.ErrDone
	}
	if err != nil {
		return Quarantined{}, fmt.Errorf("look for %.100q in the quarantine: %w", id, err)
	}
	return found[0], nil
}

func (a *Admin) quarantined(ctx context.Context, ids []string, payload bool) ([]Quarantined, error) {
	args := []any{payload}
	for _, id := range ids {
		args = append(args, id)
	}
	answer, err := a.run(ctx, a.reads.Rest, quarantinedScript, args...)
	if err != nil {
		return nil, err
	}
	found, ok := readQuarantined(answer)
	if !ok {
		return nil, quarantinedScript.BadReply(answer)
	}
	return found, nil
}

func readQuarantined(answer any) (found []Quarantined, ok bool) {
	read := reply.New(answer)
	for read.More() {
		one := Quarantined{Ref: ports.StreamRef{MessageID: read.Text()}}
		var known evidence
		// What is not ours is shown as far as it can be.
		_ = json.Unmarshal([]byte(read.Text()), &known)
		one.fill(known)
		one.Kept = read.Number()
		one.Payload = read.Text()
		if one.Ref.Name == "" {
			one.Ref.Name, _, _ = source.ParsePayload(one.Payload)
		}
		found = append(found, one)
	}
	return found, read.Done()
}

func (q *Quarantined) fill(known evidence) {
	token, _ := strconv.ParseInt(known.Token, 10, 64)
	q.Ref.Name, q.At, q.Reason, q.SHA1 = known.Name, readTime(known.Time), known.Reason, known.SHA1
	q.Token, q.Taker, q.Endings = ports.Token(token), known.Taker, readEndings(known.Endings)
	q.Failures, _ = strconv.Atoi(known.Failures)
	q.Crashes, _ = strconv.Atoi(known.Crashes)
	q.Size, _ = strconv.ParseInt(known.Size, 10, 64)
}
