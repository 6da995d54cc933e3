package conn

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Command is a command of somebody else's library.
type Command struct {
	// Args are the command's name and its arguments.
	Args []any
	// Source is the script of an EVALSHA, which is sent with EVAL when the
	// server has forgotten it. Empty: that is the caller's to do.
	Source string
}

// Send sends the commands in one round trip and returns one answer for each, in
// order. A server that has forgotten a script, or whose keys have moved to
// another node, costs a round trip more.
func (l *Lane) Send(ctx context.Context, commands []Command) []Answer {
	answers := make([]Answer, len(commands))
	node, err := l.node(ctx)
	if err == nil {
		all := where(answers, func(Answer) bool { return true })
		send(ctx, node, commands, answers, all)
		if moved := where(answers, func(a Answer) bool { return keysMoved(a.Err) }); len(moved) > 0 && l.moved != nil {
			if next := l.nodeAfterMove(ctx, node); next != nil {
				node = next
				send(ctx, node, commands, answers, moved)
			}
		}
		if forgotten := where(answers, notLoaded); len(forgotten) > 0 {
			send(ctx, node, withSource(commands), answers, forgotten)
		}
	}
	for i := range answers {
		if err != nil {
			answers[i].Err = err
		}
		name, _ := commands[i].Args[0].(string)
		answers[i].Err = l.Explain(name, answers[i].Err)
	}
	return answers
}

func send(ctx context.Context, node *redis.Client, commands []Command, answers []Answer, pending []int) {
	if len(pending) == 0 {
		return
	}
	pipeline := node.Pipeline()
	sent := make([]*redis.Cmd, len(pending))
	for position, i := range pending {
		sent[position] = pipeline.Do(ctx, commands[i].Args...)
	}
	// Each command carries its own error.
	_, _ = pipeline.Exec(ctx)
	for position, i := range pending {
		reply, err := sent[position].Result()
		answers[i] = Answer{Reply: reply, Err: nilIsNoError(err)}
	}
}

// withSource turns each EVALSHA whose source is known into an EVAL.
func withSource(commands []Command) []Command {
	evals := make([]Command, len(commands))
	for i, command := range commands {
		evals[i] = command
		if command.Source != "" {
			evals[i].Args = append([]any{"EVAL", command.Source}, command.Args[2:]...)
		}
	}
	return evals
}
