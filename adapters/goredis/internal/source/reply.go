package source

import (
	"math"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// reply reads a script's answer from left to right. What is not as the contract
// of the script says makes it bad, and everything read afterwards zero; look at
// ok before using any of it.
type reply struct {
	values []any
	bad    bool
}

func readReply(answer any) *reply {
	values, ok := answer.([]any)
	return &reply{values: values, bad: !ok}
}

func (r *reply) ok() bool { return !r.bad }

// isEmpty reports whether everything has been read.
func (r *reply) isEmpty() bool { return r.bad || len(r.values) == 0 }

func (r *reply) next() any {
	if r.isEmpty() {
		r.bad = true
		return nil
	}
	value := r.values[0]
	r.values = r.values[1:]
	return value
}

func (r *reply) text() string {
	text, ok := r.next().(string)
	r.bad = r.bad || !ok
	return text
}

// number is a count or a time, so never negative.
func (r *reply) number() int64 {
	number, ok := r.next().(int64)
	r.bad = r.bad || !ok || number < 0
	if r.bad {
		return 0
	}
	return number
}

// count is what an int of any machine can hold, at most.
func (r *reply) count() int { return int(min(r.number(), math.MaxInt32)) }

// milliseconds is what a Duration can hold, at most: a longer time would come
// out negative.
func (r *reply) milliseconds() time.Duration {
	return time.Duration(min(r.number(), math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}

func (r *reply) flag() bool { return r.number() != 0 }

// token is text, because numbers lose digits on the way through Lua.
func (r *reply) token() ports.Token {
	token, err := strconv.ParseInt(r.text(), 10, 64)
	r.bad = r.bad || err != nil || token < 0
	if r.bad {
		return 0
	}
	return ports.Token(token)
}

func (r *reply) tally() ports.Tally {
	return ports.Tally{Change: r.number(), Count: r.number()}
}

// taker is empty for one that is no incarnation, and so none of ours.
func (r *reply) taker() string {
	taker := r.text()
	if !isIncarnation(taker) {
		return ""
	}
	return taker
}

func (r *reply) messageID() string {
	id := r.text()
	r.bad = r.bad || !IsMessageID(id)
	return id
}

// cursor is empty after the last page.
func (r *reply) cursor() string {
	cursor := r.text()
	r.bad = r.bad || cursor != "" && !IsMessageID(cursor)
	return cursor
}

func (r *reply) list() *reply {
	list := readReply(r.next())
	r.bad = r.bad || list.bad
	return list
}
