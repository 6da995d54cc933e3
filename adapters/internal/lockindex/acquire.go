package lockindex

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Opened is what became of a grant that is about to get a lock.
type Opened string

// What Open answers.
const (
	// OpenedNow: the grant was noted; its lock may be obtained.
	OpenedNow Opened = "opened"
	// OpenedHeld: the grant has a lease on this name already.
	OpenedHeld Opened = "held"
	// OpenedAnother: the grant has a lease on another name.
	OpenedAnother Opened = "another"
	// OpenedExpired: the grant is over, or not known and not to be opened.
	OpenedExpired Opened = "expired"
)

// Open notes which grants are about to lock which names.
func (i *Index) Open(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) []Answer[Opened] {
	items := make([][]any, len(requests))
	for at, request := range requests {
		open := ""
		if request.Open {
			open = "open"
		}
		items[at] = []any{request.Grant.String(), open, request.Ref.Name, request.Ref.MessageID}
	}
	return run(ctx, i.Rest, openScript, i.keys, head(member, ttl), items, opened)
}

func opened(r *reply.Reader) Opened {
	return Opened(r.Word(string(OpenedNow), string(OpenedHeld), string(OpenedAnother), string(OpenedExpired)))
}

// Draw draws a token above its Floor for each request, whose locks were just
// obtained, and notes it if it is final: on a quorum only what Raise writes is.
// 0: no token above the floor can be written exactly.
func (i *Index) Draw(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration, final bool) []Answer[ports.Token] {
	note := ""
	if final {
		note = "note"
	}
	items := make([][]any, len(requests))
	for at, request := range requests {
		items[at] = []any{request.Grant.String(), int64(request.Floor), request.Ref.Name, request.Ref.MessageID}
	}
	return run(ctx, i.Rest, drawScript, i.counting(), append(head(member, ttl), note), items, drawn)
}

func drawn(r *reply.Reader) ports.Token {
	if r.Word("drawn", "exhausted") == "exhausted" {
		return 0
	}
	return r.Token()
}

// Raise lets no later Draw answer a token as low as any of these, and notes
// them in the entries of their locks.
func (i *Index) Raise(ctx context.Context, member ports.Member, leases []ports.Lease, ttl time.Duration) []Answer[struct{}] {
	items := make([][]any, len(leases))
	for at, lease := range leases {
		items[at] = []any{lease.Grant.String(), int64(lease.Token), lease.Ref.Name, lease.Ref.MessageID}
	}
	return run(ctx, i.Rest, raiseScript, i.counting(), head(member, ttl), items, func(r *reply.Reader) struct{} {
		r.Word("raised")
		return struct{}{}
	})
}

func (i *Index) counting() []string { return append(append([]string{}, i.keys...), i.TokenCounter()) }

func head(member ports.Member, ttl time.Duration) []any {
	return []any{conn.Microseconds(ttl), member.Incarnation, member.ID}
}
