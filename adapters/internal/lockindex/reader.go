package lockindex

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

// done reports whether the reply was read to its end and was well-formed.
func (r *reader) done() bool { return r.ok && r.left() == 0 }

func (r *reader) text() string {
	if !r.ok || r.left() <= 0 {
		r.ok = false
		return ""
	}
	text, ok := r.list[r.at].(string)
	r.at++
	r.ok = ok
	return text
}

// word reads one of a few words.
func (r *reader) word(allowed ...string) string {
	text := r.text()
	for _, word := range allowed {
		if text == word {
			return text
		}
	}
	r.ok = false
	return ""
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

// token reads a token, or 0 for a grant that has none yet.
func (r *reader) token() ports.Token { return ports.Token(r.number()) }

// name reads what can be the name of a data stream.
func (r *reader) name() string {
	name := r.text()
	r.ok = r.ok && ports.ValidateName(name) == nil
	return name
}

func (r *reader) duration(unit time.Duration) time.Duration {
	number := r.number()
	if number > math.MaxInt64/int64(unit) {
		r.ok = false
		return 0
	}
	return time.Duration(number) * unit
}
