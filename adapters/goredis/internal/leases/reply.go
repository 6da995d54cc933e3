package leases

import (
	"math"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// reader reads a script's reply, a list of texts. What comes from the server
// is not trusted: after the first element that is not what was expected, ok
// stays false and every further element is empty.
type reader struct {
	list []any
	at   int
	ok   bool
}

func newReader(reply any) *reader {
	list, ok := reply.([]any)
	return &reader{list: list, ok: ok}
}

func (r *reader) left() int { return len(r.list) - r.at }

func (r *reader) text() string {
	if !r.ok || r.left() == 0 {
		r.ok = false
		return ""
	}
	text, ok := r.list[r.at].(string)
	r.at++
	r.ok = ok
	return text
}

// number reads a whole number that is not negative.
func (r *reader) number() int64 {
	text := r.text()
	if !r.ok {
		return 0
	}
	number, err := strconv.ParseInt(text, 10, 64)
	r.ok = err == nil && number >= 0
	if !r.ok {
		return 0
	}
	return number
}

// token reads a token that a lease can have.
func (r *reader) token() ports.Token {
	token := ports.Token(r.number())
	r.ok = r.ok && token > 0
	return token
}

func (r *reader) tally() ports.Tally {
	return ports.Tally{Change: r.number(), Count: r.number()}
}

func (r *reader) grant() ports.GrantID {
	grant, err := ports.ParseGrantID(r.text())
	r.ok = r.ok && err == nil && !grant.IsZero()
	return grant
}

// cursor is empty after the last page.
func (r *reader) cursor() string {
	cursor := r.text()
	r.ok = r.ok && checkCursor(cursor) == nil
	return cursor
}

func (r *reader) microseconds() time.Duration {
	number := r.number()
	if number > math.MaxInt64/int64(time.Microsecond) {
		r.ok = false
		return 0
	}
	return time.Duration(number) * time.Microsecond
}

// holder reads who has the lease on name.
func (r *reader) holder(name string) ports.Holder {
	grant := r.grant()
	token := r.token()
	message := r.text()
	member := ports.Member{Incarnation: r.text(), ID: r.text()}
	return ports.Holder{
		Member:    member,
		Lease:     ports.Lease{Ref: ports.StreamRef{Name: name, MessageID: message}, Grant: grant, Token: token},
		ExpiresIn: r.microseconds(),
	}
}

// done reports whether the reply was read to its end and was well-formed.
func (r *reader) done() bool { return r.ok && r.left() == 0 }
