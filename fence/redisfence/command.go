package redisfence

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/core"
)

// Key is an argument of a Command that names a key.
type Key string

// Command is one Redis command, word by word: Command{"SET", Key("{a}:b"), 1}.
// Its keys are of type Key, and there is at least one; whatever else go-redis
// can send may be an argument.
type Command []any

// mostWords bounds a command: Lua's stack holds 8,000 values.
const mostWords = 4_000

//go:embed commands.lua
var commandsSource string

var commandsScript = NewScript(commandsSource)

// Do runs the commands, one after the other and with nothing in between, if
// the fence has seen no higher token, and returns their replies as Run does: a
// nil one is nil. When a command fails, those before it stand and those after
// it do not run. Errors are those of Run.
func (f *Fences) Do(ctx context.Context, key string, token core.Token, commands ...Command) ([]any, error) {
	var keys []string
	var args []any
	for i, command := range commands {
		named, err := command.keys()
		if err != nil {
			return nil, fmt.Errorf("%w: command %d: %w", core.ErrInvalid, i+1, err)
		}
		keys = append(keys, named...)
		args = append(args, len(command))
		for _, word := range command {
			if name, isKey := word.(Key); isKey {
				word = string(name)
			}
			args = append(args, word)
		}
	}
	reply, err := f.Run(ctx, key, token, commandsScript, keys, args...)
	if err != nil {
		return nil, err
	}
	replies, isList := reply.([]any)
	if !isList || len(replies) != len(commands) {
		return nil, fmt.Errorf("behind the fence %.*q: the server answered %.*q to %d commands", longestShown, key, longestShown, fmt.Sprint(reply), len(commands))
	}
	return replies, nil
}

// keys are the command's keys.
func (c Command) keys() ([]string, error) {
	if len(c) == 0 {
		return nil, errors.New("it is empty")
	}
	if len(c) > mostWords {
		return nil, fmt.Errorf("%.*q has %d words; the limit is %d", longestShown, fmt.Sprint(c[0]), len(c), mostWords)
	}
	var keys []string
	for _, word := range c {
		if name, isKey := word.(Key); isKey {
			keys = append(keys, string(name))
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%.*q names no key; write its keys as redisfence.Key(\"…\")", longestShown, fmt.Sprint(c[0]))
	}
	return keys, nil
}
