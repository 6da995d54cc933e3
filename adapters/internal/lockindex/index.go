package lockindex

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// requestsPerRun bounds what goes into one run of a script, so that none holds
// the server for more than a few milliseconds. A larger batch is cut, and its
// parts go in one round trip.
const requestsPerRun = 200

// Index is the index on one server. Its methods may be called concurrently;
// each takes a batch and returns one answer for each item, in order.
type Index struct {
	*conn.Conn
	keys  []string
	locks string
}

// New makes the index of a kind of locks, a word, on the server of c.
func New(c *conn.Conn, kind string) *Index {
	prefix := c.Prefix() + kind + ":"
	locks := prefix + "lock:"
	return &Index{
		Conn:  c,
		keys:  []string{prefix + "grants", prefix + "names", prefix + "deadlines", prefix + "openings", locks},
		locks: locks,
	}
}

// LockKey is the key of a name's lock.
func (i *Index) LockKey(name string) string { return i.locks + name }

// Answer is what one item of a batch came to. Err is explained by
// conn.Lane.Explain.
type Answer[T any] struct {
	Value T
	Err   error
}

// run sends the items to the script, in as many runs as their number asks for,
// and reads each item's reply. head stands before the arguments of each run's
// items.
func run[T any](ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, head []any, items [][]any, read func(*reader) T) []Answer[T] {
	var calls []conn.Call
	for start := 0; start < len(items); start += requestsPerRun {
		args := append([]any{}, head...)
		for _, item := range items[start:min(start+requestsPerRun, len(items))] {
			args = append(args, item...)
		}
		calls = append(calls, conn.Call{Keys: keys, Args: args})
	}
	answers := make([]Answer[T], len(items))
	if len(calls) == 0 {
		return answers
	}
	for number, answer := range script.RunAll(ctx, lane, calls) {
		start := number * requestsPerRun
		fill(answers[start:min(start+requestsPerRun, len(items))], script, answer, read)
	}
	return answers
}

// fill reads the reply of one run: a list for each of its items.
func fill[T any](answers []Answer[T], script *conn.Script, answer conn.Answer, read func(*reader) T) {
	replies, ok := answer.Reply.([]any)
	if answer.Err == nil && (!ok || len(replies) != len(answers)) {
		answer.Err = script.BadReply(answer.Reply)
	}
	for i := range answers {
		if answer.Err != nil {
			answers[i].Err = answer.Err
			continue
		}
		item := newReader(replies[i])
		answers[i].Value = read(item)
		if !item.done() {
			answers[i] = Answer[T]{Err: script.BadReply(replies[i])}
		}
	}
}
