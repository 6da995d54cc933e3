package leases

import (
	"time"

	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// reader reads the reply of a script of the lease store.
type reader struct{ *reply.Reader }

func newReader(answer any) reader { return reader{reply.New(answer)} }

func (r reader) tally() ports.Tally {
	return ports.Tally{Change: r.Number(), Count: r.Number()}
}

func (r reader) grant() ports.GrantID {
	grant, err := ports.ParseGrantID(r.Text())
	r.Require(err == nil && !grant.IsZero())
	return grant
}

// cursor is empty after the last page.
func (r reader) cursor() string {
	cursor := r.Text()
	r.Require(checkCursor(cursor) == nil)
	return cursor
}

// holder reads who has the lease on name.
func (r reader) holder(name string) ports.Holder {
	grant := r.grant()
	token := r.Token()
	message := r.Text()
	member := ports.Member{Incarnation: r.Text(), ID: r.Text()}
	return ports.Holder{
		Member:    member,
		Lease:     ports.Lease{Ref: ports.StreamRef{Name: name, MessageID: message}, Grant: grant, Token: token},
		ExpiresIn: r.Duration(time.Microsecond),
	}
}
