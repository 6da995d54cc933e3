package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Detail is all that is known of an assignment.
type Detail struct {
	Stream
	Info ports.Info
	// Endings are how its last tenures ended, the latest last. There are some
	// from the first failure or crash on.
	Endings []Ending
	// DeliveredTo is the incarnation that the consumer group has it pending
	// for; empty: it was not delivered, or is in nobody's list.
	DeliveredTo string
	// Checkpoint is nil when no position was saved.
	Checkpoint *Checkpoint
}

// Ending is how a tenure ended.
type Ending struct {
	// At is when that was, by the server's clock.
	At     time.Time
	Member ports.Member
	Token  ports.Token
	// Outcome is Done, HandedOff, Failed, Quarantined or Crashed.
	Outcome string
	Reason  string
}

// Checkpoint is how far an assignment was processed.
type Checkpoint struct {
	// Token is the highest that asked for it.
	Token ports.Token
	// Position was saved last; any bytes.
	Position string
	// Closed: its stream is done.
	Closed bool
}

// Stream says what is known of an assignment; ports.ErrDone: it is not there.
func (a *Admin) Stream(ctx context.Context, ref ports.StreamRef) (Detail, error) {
	detail, err := a.detail(ctx, ref)
	if err != nil {
		return Detail{}, fmt.Errorf("look at %.100q: %w", ref, err)
	}
	return detail, nil
}

func (a *Admin) detail(ctx context.Context, ref ports.StreamRef) (Detail, error) {
	if !source.IsMessageID(ref.MessageID) {
		return Detail{}, fmt.Errorf("%w: %.100q is no message ID", ports.ErrInvalid, ref.MessageID)
	}
	one, err := a.storedAt(ctx, ref.MessageID)
	if err != nil {
		return Detail{}, err
	}
	if one == nil || one.Ref.Name != ref.Name {
		return Detail{}, ports.ErrDone
	}
	streams, err := a.judged(ctx, []stored{*one})
	if err != nil {
		return Detail{}, err
	}
	answer, err := a.run(ctx, a.reads.Rest, streamScript, ref.MessageID, ref.Name)
	if err != nil {
		return Detail{}, err
	}
	detail, found, ok := readDetail(answer)
	switch {
	case !ok:
		return Detail{}, streamScript.BadReply(answer)
	case !found:
		return Detail{}, ports.ErrDone
	}
	detail.Stream = streams[0]
	return detail, nil
}

// storedAt is the assignment with this message ID; nil: there is none.
func (a *Admin) storedAt(ctx context.Context, id string) (*stored, error) {
	const one = 1
	answer, err := a.run(ctx, a.reads.Rest, streamsScript, before(id), one, pageBytes)
	if err != nil {
		return nil, err
	}
	found, _, ok := readStreams(answer)
	if !ok {
		return nil, streamsScript.BadReply(answer)
	}
	if len(found) == 0 || found[0].Ref.MessageID != id {
		return nil, nil
	}
	return &found[0], nil
}

// before is a message ID that comes right before the other; empty for the first
// of all.
func before(id string) string {
	parts := messageIDParts.FindStringSubmatch(id)
	millis, _ := strconv.ParseUint(parts[1], 10, 64)
	sequence, _ := strconv.ParseUint(parts[2], 10, 64)
	switch {
	case sequence > 0:
		return fmt.Sprintf("%d-%d", millis, sequence-1)
	case millis > 0:
		return fmt.Sprintf("%d-%d", millis-1, uint64(1<<64-1))
	default:
		return ""
	}
}

var messageIDParts = regexp.MustCompile(`^(\d+)-(\d+)$`)

func readDetail(answer any) (detail Detail, found, ok bool) {
	read := reply.New(answer)
	if read.Done() {
		return Detail{}, false, true
	}
	_, detail.Info, _ = source.ParsePayload(read.Text())
	detail.Endings = readEndings([]byte(read.Text()))
	detail.DeliveredTo = read.Text()
	read.Number()
	detail.Checkpoint = readCheckpoint(read.Text())
	return detail, true, read.Done()
}

// written is an ending as it is kept.
type written struct{ Member, Incarnation, Token, Outcome, Reason, Time string }

// readEndings leaves out what is not ours.
func readEndings(text []byte) []Ending {
	var all []written
	if json.Unmarshal(text, &all) != nil {
		return nil
	}
	endings := make([]Ending, 0, len(all))
	for _, one := range all {
		token, _ := strconv.ParseInt(one.Token, 10, 64)
		endings = append(endings, Ending{
			At: readTime(one.Time), Member: ports.Member{ID: one.Member, Incarnation: one.Incarnation},
			Token: ports.Token(token), Outcome: one.Outcome, Reason: one.Reason,
		})
	}
	return endings
}

// readTime is zero when the text is not of ours.
func readTime(millis string) time.Time {
	number, err := strconv.ParseInt(millis, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(number).UTC()
}

var checkpointText = regexp.MustCompile(`(?s)^(\d+) \d+ ([+-]) (.*)$`)

func readCheckpoint(text string) *Checkpoint {
	parts := checkpointText.FindStringSubmatch(text)
	if parts == nil {
		return nil
	}
	token, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil
	}
	return &Checkpoint{Token: ports.Token(token), Closed: parts[2] == "-", Position: parts[3]}
}
