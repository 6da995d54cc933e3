package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Verdict is what a finding comes to.
type Verdict string

// The verdicts.
const (
	// OK: as it should be.
	OK Verdict = "ok"
	// Note: worth knowing; what is guaranteed holds, or its limit is known.
	Note Verdict = "note"
	// Missing: something is not guaranteed that should be.
	Missing Verdict = "missing"
)

// Finding is what was found out about one thing.
type Finding struct {
	// Check is what was looked at, a word.
	Check   string
	Verdict Verdict
	// Server is where.
	Server string
	// Says is what is the case, and what that means for the service.
	Says string
	// Advice is what to do; empty: nothing.
	Advice string
	// Commands mend it on this server; none: no command does.
	Commands [][]string

	lane *conn.Lane
}

// CommandLines are the commands as one types them.
func (f Finding) CommandLines() []string {
	var lines []string
	for _, command := range f.Commands {
		words := make([]string, len(command))
		for i, word := range command {
			words[i] = quoted(word)
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// WithAdvice is the finding with something to do.
func (f Finding) WithAdvice(advice string) Finding {
	f.Advice = advice
	return f
}

func quoted(word string) string {
	if word == "" || strings.ContainsAny(word, " \t\"'\\") {
		return fmt.Sprintf("%q", word)
	}
	return word
}

// Apply runs the commands, and stops at the first that fails.
func (f Finding) Apply(ctx context.Context) error {
	for i, command := range f.Commands {
		args := make([]any, len(command))
		for i, word := range command {
			args[i] = word
		}
		err := f.lane.Do(ctx, command[0]+" "+command[1], func(node *redis.Client) error { return node.Do(ctx, args...).Err() })
		if err != nil {
			return fmt.Errorf("%s: %w", f.CommandLines()[i], err)
		}
	}
	return nil
}
