// Package reply reads what a script of the lease stores answers: a list of
// texts. What comes from the server is not trusted.
package reply

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Reader reads a reply from left to right. After the first element that is not
// what was expected nothing is OK any more, and every further element is empty.
type Reader struct {
	list  []any
	at    int
	isBad bool
}

// New begins to read what a script answered, or an element of that.
func New(reply any) *Reader {
	list, ok := reply.([]any)
	return &Reader{list: list, isBad: !ok}
}

// OK reports whether all that was read was as expected.
func (r *Reader) OK() bool { return !r.isBad }

// More reports whether something is left that can be read.
func (r *Reader) More() bool { return !r.isBad && r.at < len(r.list) }

// Done reports whether the reply was read to its end and was as expected.
func (r *Reader) Done() bool { return !r.isBad && r.at == len(r.list) }

// Require makes the reply a bad one unless it isTrue.
func (r *Reader) Require(isTrue bool) { r.isBad = r.isBad || !isTrue }

// Text reads any text.
func (r *Reader) Text() string {
	if !r.More() {
		r.isBad = true
		return ""
	}
	text, ok := r.list[r.at].(string)
	r.at++
	r.Require(ok)
	return text
}

// Word reads one of a few words.
func (r *Reader) Word(allowed ...string) string {
	word := r.Text()
	r.Require(slices.Contains(allowed, word))
	if r.isBad {
		return ""
	}
	return word
}

// Number reads a whole number that is not negative.
func (r *Reader) Number() int64 {
	number, err := strconv.ParseInt(r.Text(), 10, 64)
	r.Require(err == nil && number >= 0)
	if r.isBad {
		return 0
	}
	return number
}

// Token reads a token that a lease can have.
func (r *Reader) Token() ports.Token {
	token := ports.Token(r.Number())
	r.Require(token > 0)
	return token
}

// Name reads what can be the name of a data stream.
func (r *Reader) Name() string {
	name := r.Text()
	r.Require(ports.ValidateName(name) == nil)
	return name
}

// Duration reads how many units something lasts.
func (r *Reader) Duration(unit time.Duration) time.Duration {
	number := r.Number()
	r.Require(number <= math.MaxInt64/int64(unit))
	if r.isBad {
		return 0
	}
	return time.Duration(number) * unit
}
