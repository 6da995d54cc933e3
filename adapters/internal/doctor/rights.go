package doctor

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
)

// Needs is what a member may have to do on a server.
type Needs struct {
	// Commands are those of conn.Conn.CheckRights.
	Commands [][]any
	// Hints: members publish and subscribe here.
	Hints bool
}

// Rights asks the server whether a user may do what a member does, without doing
// it; an empty name is the user of the connection.
func Rights(ctx context.Context, c *conn.Conn, user string, needs Needs) Finding {
	s := &server{lane: c.Rest}
	const check = "rights"
	if user == "" {
		err := c.Rest.Do(ctx, "ACL WHOAMI", func(node *redis.Client) (err error) {
			user, err = node.Do(ctx, "ACL", "WHOAMI").Text()
			return err
		})
		if err != nil {
			return s.finding(check, Note, "Whether members may do all that they have to could not be checked: %v", plain(err)).
				WithAdvice("look again as an administrator, with --member and the name of the members' user")
		}
	}
	refused, err := tryAll(ctx, c, user, needs)
	switch {
	case isForbidden(err):
		return s.finding(check, Note, "Whether the user %q may do all that a member has to could not be checked: this user may not ask (ACL DRYRUN).", user).
			WithAdvice("look again as an administrator, with --member " + user)
	case err != nil:
		return s.finding(check, Missing, "Whether the user %q may do all that a member has to could not be checked: %v", user, plain(err))
	case len(refused) > 0:
		found := s.finding(check, Missing, "The user %q lacks rights that members need: %s.", user, strings.Join(refused.says(), "; "))
		found.Commands = [][]string{append([]string{"ACL", "SETUSER", user}, refused.rules(c)...)}
		return found.WithAdvice("give them; keep them with ACL SAVE, or in the configuration")
	default:
		return s.finding(check, OK, "The user %q may do all that a member has to.", user)
	}
}

// refusals are what the server would say no to.
type refusals []refusal

type refusal struct{ command, answer string }

func tryAll(ctx context.Context, c *conn.Conn, user string, needs Needs) (refused refusals, err error) {
	commands := append([][]any{{"EVALSHA", "x", 1, conn.ProbeKey}, {"EVAL", "x", 1, conn.ProbeKey}, {"SET", conn.ProbeKey, "x"}, {"DEL", conn.ProbeKey}}, needs.Commands...)
	if needs.Hints {
		commands = append(commands, []any{"PUBLISH", c.Hints(c.Database), "x"}, []any{"SUBSCRIBE", c.Hints(c.Database)})
	}
	asked := make([]*redis.Cmd, len(commands))
	err = c.Rest.Do(ctx, "ACL DRYRUN", func(node *redis.Client) error {
		_, err := node.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
			for i, command := range commands {
				asked[i] = pipeline.Do(ctx, append([]any{"ACL", "DRYRUN", user}, withKey(command, c.Probe())...)...)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, one := range asked {
		if answer := fmt.Sprint(one.Val()); answer != "OK" {
			refused = append(refused, refusal{nameOf(commands[i]), answer})
		}
	}
	return refused, nil
}

func withKey(command []any, key string) []any {
	words := make([]any, len(command))
	for i, word := range command {
		if words[i] = word; word == conn.ProbeKey {
			words[i] = key
		}
	}
	return words
}

// nameOf is the command as an ACL rule has it.
func nameOf(command []any) string {
	name := strings.ToLower(fmt.Sprint(command[0]))
	if name == "xgroup" || name == "xinfo" {
		name += "|" + strings.ToLower(fmt.Sprint(command[1]))
	}
	return name
}

var forbiddenCommand = regexp.MustCompile(`to run the`)
var forbiddenChannel = regexp.MustCompile(`channel`)

// rules give what is missing, each once.
func (r refusals) rules(c *conn.Conn) (rules []string) {
	seen := map[string]bool{}
	add := func(all ...string) {
		for _, rule := range all {
			if !seen[rule] {
				seen[rule] = true
				rules = append(rules, rule)
			}
		}
	}
	for _, one := range r {
		switch {
		case forbiddenCommand.MatchString(one.answer):
			add("+" + one.command)
		case forbiddenChannel.MatchString(one.answer):
			add("&" + c.Hints(c.Database))
		default:
			add("~"+c.Stream(), "~"+c.Prefix()+"*")
		}
	}
	return rules
}

func (r refusals) says() (texts []string) {
	const most = 5
	for _, one := range r[:min(len(r), most)] {
		texts = append(texts, strings.ToUpper(strings.ReplaceAll(one.command, "|", " "))+" ("+reasonOf(one.answer)+")")
	}
	if len(r) > most {
		texts = append(texts, fmt.Sprintf("and %d more", len(r)-most))
	}
	return texts
}

func reasonOf(answer string) string {
	switch {
	case forbiddenCommand.MatchString(answer):
		return "the command"
	case forbiddenChannel.MatchString(answer):
		return "the channel"
	default:
		return "the keys"
	}
}

func isForbidden(err error) bool {
	var refused *core.RefusedError
	return errors.As(err, &refused) && redis.HasErrorPrefix(refused.Cause, "NOPERM")
}

// plain is an error as part of a sentence.
func plain(err error) string { return strings.TrimSuffix(err.Error(), ".") }
