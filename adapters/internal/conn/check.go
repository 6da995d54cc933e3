package conn

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/core"
)

// ProbeKey stands for the probe key in the commands that CheckRights tries.
const ProbeKey = "\x00probe"

var (
	//go:embed rights.lua
	rightsSource string
	rightsScript = NewScript("rights.lua", rightsSource)
)

// CheckServer looks whether the server can do what the adapters need: version,
// layout, role, eviction policy. Its results are those of a ports.Checker. It
// sets the layout where there is none.
func (c *Conn) CheckServer(ctx context.Context) ([]string, error) {
	warnings := slices.Clone(c.derive.warnings)
	var info string
	err := c.Rest.Do(ctx, "INFO", func(node *redis.Client) (err error) {
		info, err = node.Info(ctx).Result()
		return err
	})
	switch {
	case err == nil:
		more, err := c.Rest.judgeServer(parseInfo(info))
		warnings = append(warnings, more...)
		if err != nil {
			return warnings, err
		}
	case redis.HasErrorPrefix(err, "NOPERM"):
		warnings = append(warnings, "INFO is forbidden to this user, so the server's version and eviction policy could not be checked: use Redis 7.0 or Valkey 7.2 or newer, and maxmemory-policy noeviction.")
	default:
		return warnings, err
	}
	return warnings, c.checkLayout(ctx)
}

// CheckRights tries commands, as a script of ours would run them, without an
// effect. Where one has a key, give ProbeKey. The first that the user may not
// run, or that the server does not know, is a lasting *core.RefusedError.
func (c *Conn) CheckRights(ctx context.Context, commands [][]any) error {
	args := []any{ProbeKey}
	for _, command := range append([][]any{{"DEL", ProbeKey}, {"SET", ProbeKey, "x"}}, commands...) {
		args = append(append(args, len(command)), command...)
	}
	reply, err := rightsScript.Run(ctx, c.Rest, []string{c.Probe()}, args...)
	if err != nil {
		return err
	}
	refused, ok := readRights(reply)
	if !ok {
		return rightsScript.BadReply(reply)
	}
	if refused == nil {
		return nil
	}
	return &core.RefusedError{
		Server: c.Rest.Server(), Command: refused.command, Lasting: true,
		Advice: "give the user the right to this command within scripts, on all keys that begin with " + c.Prefix(),
		Cause:  fmt.Errorf("%.500s", refused.answer),
	}
}

// forbidden is a command that the user may not run, and what the server said.
type forbidden struct{ command, answer string }

// readRights reads the script's reply; nil: nothing is forbidden.
func readRights(reply any) (refused *forbidden, ok bool) {
	words, ok := reply.([]any)
	if !ok || len(words) != 0 && len(words) != 2 {
		return nil, false
	}
	if len(words) == 0 {
		return nil, true
	}
	command, isText := words[0].(string)
	answer, isAnswer := words[1].(string)
	if !isText || !isAnswer || command == "" {
		return nil, false
	}
	return &forbidden{command, answer}, true
}

// CheckTypes looks whether each key, if it is there, is of the type (as the
// command TYPE names it). One that is not is a lasting *core.RefusedError that
// names the key.
func (c *Conn) CheckTypes(ctx context.Context, types map[string]string) error {
	keys := slices.Sorted(maps.Keys(types))
	found := make([]*redis.StatusCmd, len(keys))
	err := c.Rest.Do(ctx, "TYPE", func(node *redis.Client) error {
		_, err := node.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
			for i, key := range keys {
				found[i] = pipeline.Type(ctx, key)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	for i, key := range keys {
		if is := found[i].Val(); is != "none" && is != types[key] {
			return &core.RefusedError{
				Server: c.Rest.Server(), Command: "TYPE " + key, Lasting: true,
				Advice: "somebody else uses this key: remove it, or choose another name for the service",
				Cause:  fmt.Errorf("the key is a %s, not a %s", is, types[key]),
			}
		}
	}
	return nil
}
