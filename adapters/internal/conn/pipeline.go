package conn

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Command is a command of a round trip.
type Command struct {
	// Args are the command's name and its arguments.
	Args []any
	// Source is the script of an EVALSHA, which is sent with EVAL when the
	// server has forgotten it. Empty: that is the caller's to do.
	Source string
	// Title is what messages call the command; its name when empty.
	Title string
}

// Answer is what one command of a round trip came to; Err is explained by
// Lane.Explain, for that command alone.
type Answer struct {
	Reply any
	Err   error
}

// Send sends the commands in one round trip and returns one answer for each, in
// order. A server that has forgotten a script, or whose keys have moved to
// another node, costs a round trip more.
func (l *Lane) Send(ctx context.Context, commands []Command) []Answer {
	answers := make([]Answer, len(commands))
	node, err := l.Node(ctx)
	if err == nil {
		l.send(ctx, node, commands, answers, where(answers, func(Answer) bool { return true }))
		if moved := where(answers, func(a Answer) bool { return keysMoved(a.Err) }); len(moved) > 0 && l.moved != nil {
			if next := l.nodeAfterMove(ctx, node); next != nil {
				node = next
				l.send(ctx, node, commands, answers, moved)
			}
		}
		if forgotten := where(answers, notLoaded); len(forgotten) > 0 {
			l.send(ctx, node, l.withSources(commands, forgotten), answers, forgotten)
		}
	}
	for i := range answers {
		if err != nil {
			answers[i].Err = err
		}
		answers[i].Err = l.Explain(commands[i].title(), answers[i].Err)
	}
	return answers
}

// send sends the commands that pending names, and fills in their answers.
func (l *Lane) send(ctx context.Context, node *redis.Client, commands []Command, answers []Answer, pending []int) {
	if len(pending) == 0 {
		return
	}
	pipeline := node.Pipeline()
	sent := make([]*redis.Cmd, len(pending))
	for position, i := range pending {
		sent[position] = pipeline.Do(ctx, commands[i].Args...)
	}
	acknowledged := askReplicas(ctx, pipeline, node, l.replicas)
	// Each command carries its own error.
	_, _ = pipeline.Exec(ctx)
	missing := acknowledged()
	for position, i := range pending {
		reply, err := sent[position].Result()
		answers[i] = Answer{Reply: reply, Err: nilIsNoError(err)}
		if answers[i].Err == nil && missing != nil {
			answers[i] = Answer{Err: missing}
		}
	}
}

// withSources turns the first EVALSHA of each forgotten script into an EVAL,
// after which the server knows it.
func (l *Lane) withSources(commands []Command, forgotten []int) []Command {
	_, unknown := l.evalCommands()
	evals := append([]Command{}, commands...)
	isSent := map[string]bool{}
	for _, i := range forgotten {
		command := &evals[i]
		if command.Source == "" || isSent[command.Source] {
			continue
		}
		isSent[command.Source] = true
		command.Args = append([]any{unknown, command.Source}, command.Args[2:]...)
	}
	return evals
}

func (c Command) title() string {
	if c.Title != "" {
		return c.Title
	}
	name, _ := c.Args[0].(string)
	return name
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

// notLoaded looks for an error first: HasErrorPrefix allocates without one, too.
func notLoaded(answer Answer) bool {
	return answer.Err != nil && redis.HasErrorPrefix(answer.Err, "NOSCRIPT")
}
