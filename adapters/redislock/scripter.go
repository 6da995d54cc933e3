package redislock

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// scripter is the redislock.RedisClient of one operation. What it is asked goes
// out with what the other operations of the batch ask.
type scripter struct {
	ask func(conn.Command) conn.Answer
}

// EvalSha runs a script that the server may know. When it does not, the library
// asks for Eval.
func (s scripter) EvalSha(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	return s.run(ctx, "EVALSHA", hash, keys, args)
}

// Eval runs a script.
func (s scripter) Eval(ctx context.Context, source string, keys []string, args ...any) *redis.Cmd {
	return s.run(ctx, "EVAL", source, keys, args)
}

// EvalShaRO runs a script that only reads.
func (s scripter) EvalShaRO(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	return s.run(ctx, "EVALSHA_RO", hash, keys, args)
}

// EvalRO runs a script that only reads.
func (s scripter) EvalRO(ctx context.Context, source string, keys []string, args ...any) *redis.Cmd {
	return s.run(ctx, "EVAL_RO", source, keys, args)
}

func (s scripter) run(ctx context.Context, command, script string, keys []string, args []any) *redis.Cmd {
	words := make([]any, 0, 3+len(keys)+len(args))
	words = append(words, command, script, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	words = append(words, args...)
	answer := s.ask(conn.Command{Args: words})
	cmd := redis.NewCmd(ctx)
	cmd.SetVal(answer.Reply)
	switch {
	case answer.Err != nil:
		cmd.SetErr(answer.Err)
	case answer.Reply == nil:
		cmd.SetErr(redis.Nil)
	}
	return cmd
}

// errNotUsed: the library asks for scripts and nothing else.
var errNotUsed = errors.New("the adapter's client only runs scripts")

// ScriptExists is not used by the library.
func (s scripter) ScriptExists(ctx context.Context, _ ...string) *redis.BoolSliceCmd {
	cmd := redis.NewBoolSliceCmd(ctx)
	cmd.SetErr(errNotUsed)
	return cmd
}

// ScriptLoad is not used by the library.
func (s scripter) ScriptLoad(ctx context.Context, _ string) *redis.StringCmd {
	cmd := redis.NewStringCmd(ctx)
	cmd.SetErr(errNotUsed)
	return cmd
}
