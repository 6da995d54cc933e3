package conn

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Script is a Lua script of ours. Its zero value is of no use; NewScript makes
// one. It may be used concurrently.
type Script struct {
	name   string
	source string
	hash   string
}

// NewScript makes a script from its embedded source; name is what messages
// call it, and shared are further sources whose local functions it uses. The
// source begins with a line "#!lua", with "flags=allow-oom" when it keeps or
// ends what is owned and with "flags=no-writes" when it only reads; one without
// panics, since Redis then runs it under other rules.
func NewScript(name, source string, shared ...string) *Script {
	shebang, body, found := strings.Cut(source, "\n")
	if !found || !strings.HasPrefix(shebang, "#!lua") {
		panic("script " + name + " does not begin with #!lua")
	}
	full := strings.Join(append(append([]string{shebang}, shared...), body), "\n")
	sum := sha1.Sum([]byte(full))
	return &Script{name: name, source: full, hash: hex.EncodeToString(sum[:])}
}

// Name is what messages call the script.
func (s *Script) Name() string { return s.name }

// Run runs the script and returns its reply: nil, int64, string or []any of
// these. The error is explained by Lane.Explain.
func (s *Script) Run(ctx context.Context, lane *Lane, keys []string, args ...any) (any, error) {
	var reply any
	err := lane.Do(ctx, "EVALSHA "+s.name, func(node *redis.Client) (err error) {
		reply, err = node.EvalSha(ctx, s.hash, keys, args...).Result()
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			reply, err = node.Eval(ctx, s.source, keys, args...).Result()
		}
		return nilIsNoError(err)
	})
	return reply, err
}

// Call is one run of a script in a batch.
type Call struct {
	Keys []string
	Args []any
}

// Answer is what one Call of a batch came to; Err is explained by
// Lane.Explain, for that call alone.
type Answer struct {
	Reply any
	Err   error
}

// RunAll runs the script once for each call, in one round trip, and returns one
// answer for each, in order. A server that does not know the script, or whose
// keys have moved to another node, costs a round trip more.
func (s *Script) RunAll(ctx context.Context, lane *Lane, calls []Call) []Answer {
	answers := make([]Answer, len(calls))
	node, err := lane.Node(ctx)
	if err == nil {
		sending := batch{s, node, lane.replicas}
		sending.run(ctx, calls, answers, where(answers, func(Answer) bool { return true }), false)
		if moved := where(answers, func(a Answer) bool { return keysMoved(a.Err) }); len(moved) > 0 && lane.moved != nil {
			if next := lane.nodeAfterMove(ctx, node); next != nil {
				sending.node = next
				sending.run(ctx, calls, answers, moved, false)
			}
		}
		sending.run(ctx, calls, answers, where(answers, notLoaded), true)
	}
	for i := range answers {
		if err != nil {
			answers[i].Err = err
		}
		answers[i].Err = lane.Explain("EVALSHA "+s.name, answers[i].Err)
	}
	return answers
}

// batch is how one node runs the calls of RunAll.
type batch struct {
	script   *Script
	node     *redis.Client
	replicas int // see Lane.Acknowledged
}

// run sends the calls that pending names, the first of them with the script's
// source if load says so, and fills in their answers.
func (b batch) run(ctx context.Context, calls []Call, answers []Answer, pending []int, load bool) {
	if len(pending) == 0 {
		return
	}
	pipeline := b.node.Pipeline()
	commands := make([]*redis.Cmd, len(pending))
	for position, i := range pending {
		if load && position == 0 {
			commands[position] = pipeline.Eval(ctx, b.script.source, calls[i].Keys, calls[i].Args...)
		} else {
			commands[position] = pipeline.EvalSha(ctx, b.script.hash, calls[i].Keys, calls[i].Args...)
		}
	}
	acknowledged := askReplicas(ctx, pipeline, b.node, b.replicas)
	// Each command carries its own error.
	_, _ = pipeline.Exec(ctx)
	missing := acknowledged()
	for position, i := range pending {
		reply, err := commands[position].Result()
		answers[i] = Answer{Reply: reply, Err: nilIsNoError(err)}
		if answers[i].Err == nil && missing != nil {
			answers[i] = Answer{Err: missing}
		}
	}
}

// where returns the positions of the answers that satisfy.
func where(answers []Answer, satisfies func(Answer) bool) []int {
	var positions []int
	for i, answer := range answers {
		if satisfies(answer) {
			positions = append(positions, i)
		}
	}
	return positions
}

func notLoaded(answer Answer) bool { return redis.HasErrorPrefix(answer.Err, "NOSCRIPT") }

// nilIsNoError: a script may answer nil; go-redis makes an error of it.
func nilIsNoError(err error) error {
	if err == redis.Nil {
		return nil
	}
	return err
}

// BadReply is the error of a reply that is not what the script's contract
// says: its outcome is unknown.
func (s *Script) BadReply(reply any) error {
	return fmt.Errorf("script %s answered %.200q, which its contract does not know", s.name, fmt.Sprint(reply))
}
