package lockindex

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// Holding is who has a name's lock.
type Holding struct {
	// Value is the lock's value; empty: there is no lock.
	Value string
	// Opening: its token was not drawn yet.
	Opening bool
	// Holder is who that is, as far as the index knows.
	Holder ports.Holder
}

// Inspect says who has the locks of names.
func (i *Index) Inspect(ctx context.Context, names []string) []Answer[Holding] {
	items := make([][]any, len(names))
	for at, name := range names {
		items[at] = []any{name}
	}
	return i.holdings(run(ctx, i.Rest, inspectScript, i.keys, nil, items, holding), func(at int) string { return names[at] })
}

// Withdrawal is a grant to be forgotten if it has no lock.
type Withdrawal struct {
	Grant ports.GrantID
	Name  string
	// Leased: also when it has got a token. What an expired lease left behind
	// is forgotten then.
	Leased bool
}

// Withdraw forgets grants that have no lock, and says who has the locks of their
// names.
func (i *Index) Withdraw(ctx context.Context, withdrawals []Withdrawal) []Answer[Holding] {
	items := make([][]any, len(withdrawals))
	for at, withdrawal := range withdrawals {
		what := "opened"
		if withdrawal.Leased {
			what = "any"
		}
		items[at] = []any{withdrawal.Grant.String(), withdrawal.Name, what}
	}
	return i.holdings(run(ctx, i.Rest, withdrawScript, i.keys, nil, items, holding), func(at int) string { return withdrawals[at].Name })
}

// holdings puts in the names, which the scripts do not send back.
func (i *Index) holdings(answers []Answer[Holding], name func(at int) string) []Answer[Holding] {
	for at := range answers {
		if value := &answers[at].Value; value.Value != "" {
			value.Holder.Lease.Ref.Name = name(at)
		}
	}
	return answers
}

func holding(r *reply.Reader) Holding {
	if r.Done() {
		return Holding{}
	}
	held := Holding{Value: r.Text()}
	held.Holder.ExpiresIn = r.Duration(time.Microsecond)
	// Somebody else's value is no grant.
	held.Holder.Lease.Grant, _ = ports.ParseGrantID(held.Value)
	if r.Done() {
		return held
	}
	held.Holder.Lease.Token = ports.Token(r.Number())
	held.Opening = held.Holder.Lease.Token == 0
	held.Holder.Lease.Ref.MessageID = r.Text()
	held.Holder.Member = ports.Member{Incarnation: r.Text(), ID: r.Text()}
	return held
}
