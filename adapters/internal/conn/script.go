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
	err := lane.Do(ctx, s.title(), func(node *redis.Client) (err error) {
		known, unknown := lane.evalCommands()
		reply, err = node.Do(ctx, s.words(known, s.hash, keys, args)...).Result()
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			reply, err = node.Do(ctx, s.words(unknown, s.source, keys, args)...).Result()
		}
		return nilIsNoError(err)
	})
	return reply, err
}

// words are the command that runs the script: by its hash, or by its source.
func (s *Script) words(command, script string, keys []string, args []any) []any {
	words := make([]any, 0, 3+len(keys)+len(args))
	words = append(words, command, script, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	return append(words, args...)
}

// Call is one run of a script in a batch.
type Call struct {
	Keys []string
	Args []any
}

// RunAll runs the script once for each call, in one round trip, and returns one
// answer for each, in order; see Lane.Send.
func (s *Script) RunAll(ctx context.Context, lane *Lane, calls []Call) []Answer {
	known, _ := lane.evalCommands()
	commands := make([]Command, len(calls))
	for i, call := range calls {
		commands[i] = Command{Args: s.words(known, s.hash, call.Keys, call.Args), Source: s.source, Title: s.title()}
	}
	return lane.Send(ctx, commands)
}

// title is what messages call a run.
func (s *Script) title() string { return "EVALSHA " + s.name }

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
