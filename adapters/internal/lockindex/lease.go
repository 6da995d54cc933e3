package lockindex

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Renewal is a lease whose lock is to be extended. An empty Name: the grant is
// not known here, or has no lock here.
type Renewal struct {
	Name string
	// TTL is how long the lock must last from now on.
	TTL time.Duration
}

// Renew moves the deadlines of grants whose locks are about to be extended.
func (i *Index) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) []Answer[Renewal] {
	items := make([][]any, len(grants))
	for at, grant := range grants {
		items[at] = []any{grant.String()}
	}
	return run(ctx, i.Renewals, renewScript, i.keys, []any{conn.Microseconds(ttl)}, items, renewal)
}

func renewal(r *reply.Reader) Renewal {
	if r.Done() {
		return Renewal{}
	}
	return Renewal{Name: r.Name(), TTL: r.Duration(time.Millisecond)}
}

// Match tells which leases are the very ones that the index describes: Live,
// Expired or Released, and Unknown for all others.
func (i *Index) Match(ctx context.Context, leases []ports.Lease) []Answer[Phase] {
	return run(ctx, i.Rest, matchScript, i.keys, nil, items(leases), matched)
}

func matched(r *reply.Reader) Phase {
	if phase := r.Word(string(Live), string(Expired), string(Released), "gone"); phase != "gone" {
		return Phase(phase)
	}
	return Unknown
}

// Forget drops the entries of leases whose locks were released, and tells which
// were there.
func (i *Index) Forget(ctx context.Context, leases []ports.Lease) []Answer[bool] {
	return run(ctx, i.Rest, forgetScript, i.keys, nil, items(leases), func(r *reply.Reader) bool { return r.Word("0", "1") == "1" })
}

func items(leases []ports.Lease) [][]any {
	items := make([][]any, len(leases))
	for at, lease := range leases {
		items[at] = []any{lease.Grant.String(), int64(lease.Token), lease.Ref.Name}
	}
	return items
}

// Phase is where the life of a grant is.
type Phase string

// The phases of a grant.
const (
	// Unknown: nothing is left of it, or it never was.
	Unknown Phase = ""
	// Opening: it has no lock yet, or will have none.
	Opening Phase = "opened"
	// Live: its lock is held. The token is 0 until one was drawn.
	Live Phase = "live"
	// Expired: it lost its lock, and nobody has taken the name since.
	Expired Phase = "expired"
	// Released: a Release has given back its lock, and not ended yet.
	Released Phase = "released"
)

// Left is what a grant holds or left behind.
type Left struct {
	Phase Phase
	Lease ports.Lease
}

// Grant says what a grant holds or left behind.
func (i *Index) Grant(ctx context.Context, grant ports.GrantID) Answer[Left] {
	answer, err := grantScript.Run(ctx, i.Rest, i.keys, grant.String())
	if err != nil {
		return Answer[Left]{Err: err}
	}
	r := reply.New(answer)
	left := readLeft(r, grant)
	if !r.Done() {
		return Answer[Left]{Err: grantScript.BadReply(answer)}
	}
	return Answer[Left]{Value: left}
}

func readLeft(r *reply.Reader, grant ports.GrantID) Left {
	if r.Done() {
		return Left{}
	}
	left := Left{Phase: Phase(r.Word(string(Opening), string(Live), string(Expired)))}
	if left.Phase == Opening {
		return left
	}
	name, token := r.Name(), ports.Token(r.Number())
	left.Lease = ports.Lease{Ref: ports.StreamRef{Name: name, MessageID: r.Text()}, Grant: grant, Token: token}
	return left
}
