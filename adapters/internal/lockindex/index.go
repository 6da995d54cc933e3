package lockindex

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/reply"
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

// run runs the script for the items, as conn.Script.RunItems does, and reads
// each item's reply.
func run[T any](ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, head []any, items [][]any, read func(*reply.Reader) T) []Answer[T] {
	answers := make([]Answer[T], len(items))
	for at, answer := range script.RunItems(ctx, lane, keys, requestsPerRun, head, items) {
		if answer.Err != nil {
			answers[at].Err = answer.Err
			continue
		}
		item := reply.New(answer.Reply)
		answers[at].Value = read(item)
		if !item.Done() {
			answers[at] = Answer[T]{Err: script.BadReply(answer.Reply)}
		}
	}
	return answers
}
