package admin

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Requeue announces what is in the quarantine once more, as a new assignment
// with nothing counted against it, and takes it out. The position that was saved
// goes along. ports.ErrDone: it is not there; ports.ErrInvalid: what was kept is
// no announcement, so it can only be announced anew or dropped.
func (a *Admin) Requeue(ctx context.Context, id string) (ports.StreamRef, error) {
	ref, err := a.requeue(ctx, id)
	if err != nil {
		return ports.StreamRef{}, fmt.Errorf("requeue %.100q: %w", id, err)
	}
	return ref, nil
}

func (a *Admin) requeue(ctx context.Context, id string) (ports.StreamRef, error) {
	found, err := a.Evidence(ctx, id)
	if err != nil {
		return ports.StreamRef{}, err
	}
	if found.Kept < found.Size {
		return ports.StreamRef{}, fmt.Errorf("%w: of its announcement only %d of %d bytes were kept; announce it anew, and drop this", ports.ErrInvalid, found.Kept, found.Size)
	}
	name, _, err := source.ParsePayload(found.Payload)
	if err != nil {
		return ports.StreamRef{}, fmt.Errorf("%w: what was kept is no announcement: %w; announce it anew, and drop this", ports.ErrInvalid, err)
	}
	answer, err := a.run(ctx, a.writes.Rest, requeueScript, id, name)
	if err != nil {
		return ports.StreamRef{}, err
	}
	return readRequeued(answer, name)
}

func readRequeued(answer any, name string) (ports.StreamRef, error) {
	read := reply.New(answer)
	switch read.Word("requeued", "gone", "cut") {
	case "requeued":
		ref := ports.StreamRef{Name: name, MessageID: read.Text()}
		if read.Done() && source.IsMessageID(ref.MessageID) {
			return ref, nil
		}
	case "gone":
		return ports.StreamRef{}, ports.ErrDone
	case "cut":
		return ports.StreamRef{}, fmt.Errorf("%w: not the whole announcement was kept", ports.ErrInvalid)
	}
	return ports.StreamRef{}, requeueScript.BadReply(answer)
}

// Drop removes assignments from the quarantine for good, with the positions
// that were saved of them, and answers how many were there.
func (a *Admin) Drop(ctx context.Context, refs []ports.StreamRef) (dropped int, err error) {
	var args []any
	for _, ref := range refs {
		args = append(args, ref.MessageID, ref.Name)
	}
	answer, err := a.run(ctx, a.writes.Rest, dropScript, args...)
	if err != nil {
		return 0, fmt.Errorf("drop %d of the quarantine: %w", len(refs), err)
	}
	read := reply.New(answer)
	for read.More() {
		dropped += int(read.Number())
	}
	if !read.Done() {
		return 0, fmt.Errorf("drop %d of the quarantine: %w", len(refs), dropScript.BadReply(answer))
	}
	return dropped, nil
}

// AskToHandOff asks the owner to give a stream to the others. Nothing says
// whether it heard: look at the stream.
func (a *Admin) AskToHandOff(ctx context.Context, ref ports.StreamRef) error {
	err := a.hints.Publish(ctx, []ports.Hint{{Kind: ports.HintHandOff, Ref: ref}})
	if err != nil {
		return fmt.Errorf("ask the owner of %.100q to hand it off: %w", ref, err)
	}
	return nil
}
