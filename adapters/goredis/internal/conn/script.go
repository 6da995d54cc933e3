package conn

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"

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
// call it. The source begins with "#!lua", or with "#!lua flags=allow-oom" when
// it keeps or ends what is owned; one without panics, since Redis then runs it
// under other rules.
func NewScript(name, source string) *Script {
	const shebang = "#!lua"
	if len(source) < len(shebang) || source[:len(shebang)] != shebang {
		panic("script " + name + " does not begin with " + shebang)
	}
	sum := sha1.Sum([]byte(source))
	return &Script{name: name, source: source, hash: hex.EncodeToString(sum[:])}
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

// RunAll runs the script once for each call, in one round trip (two when the
// server does not know the script), and returns one answer for each, in order.
func (s *Script) RunAll(ctx context.Context, lane *Lane, calls []Call) []Answer {
	answers := make([]Answer, len(calls))
	pending := make([]int, len(calls))
	for i := range calls {
		pending[i] = i
	}
	first := s.runPending(ctx, lane, calls, pending, answers, false)
	if unknown := notLoaded(answers); len(unknown) > 0 && first == nil {
		_ = s.runPending(ctx, lane, calls, unknown, answers, true)
	}
	for i := range answers {
		answers[i].Err = lane.Explain("EVALSHA "+s.name, answers[i].Err)
	}
	return answers
}

// runPending sends the calls that pending names in one pipeline and fills in
// their answers. The error is that of finding a node.
func (s *Script) runPending(ctx context.Context, lane *Lane, calls []Call, pending []int, answers []Answer, load bool) error {
	node, err := lane.Node(ctx)
	if err != nil {
		for _, i := range pending {
			answers[i].Err = err
		}
		return err
	}
	pipeline := node.Pipeline()
	commands := make([]*redis.Cmd, len(pending))
	for position, i := range pending {
		if load && position == 0 {
			commands[position] = pipeline.Eval(ctx, s.source, calls[i].Keys, calls[i].Args...)
		} else {
			commands[position] = pipeline.EvalSha(ctx, s.hash, calls[i].Keys, calls[i].Args...)
		}
	}
	// Each command carries its own error.
	_, _ = pipeline.Exec(ctx)
	for position, i := range pending {
		reply, err := commands[position].Result()
		answers[i] = Answer{Reply: reply, Err: nilIsNoError(err)}
	}
	return nil
}

func notLoaded(answers []Answer) []int {
	var positions []int
	for i, answer := range answers {
		if redis.HasErrorPrefix(answer.Err, "NOSCRIPT") {
			positions = append(positions, i)
		}
	}
	return positions
}

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
