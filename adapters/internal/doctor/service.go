package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
)

// Keys looks whether the service's keys are of this library, and of its version.
func Keys(ctx context.Context, c *conn.Conn, types map[string]string) []Finding {
	s := &server{lane: c.Rest}
	return []Finding{s.layout(ctx, c), s.keys(ctx, c, types)}
}

func (s *server) layout(ctx context.Context, c *conn.Conn) Finding {
	const check = "layout"
	var found string
	err := c.Rest.Do(ctx, "GET", func(node *redis.Client) (err error) {
		if found, err = node.Get(ctx, c.Layout()).Result(); errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	if err == nil && found == "" {
		return s.finding(check, Note, "No member was ever here; the first one makes the keys with layout %s.", conn.Layout)
	}
	if err == nil {
		err = c.Rest.JudgeLayout(found)
	}
	return s.judged(check, err, fmt.Sprintf("Keys and scripts have layout %s, which this program speaks.", found))
}

func (s *server) keys(ctx context.Context, c *conn.Conn, types map[string]string) Finding {
	return s.judged("keys", c.CheckTypes(ctx, types), "No key of the service was made by somebody else.")
}

// judged is the finding of a check that answers an error.
func (s *server) judged(check string, err error, well string) Finding {
	var refused *core.RefusedError
	switch {
	case err == nil:
		return s.finding(check, OK, "%s", well)
	case errors.As(err, &refused):
		return s.finding(check, Missing, "%s: %v.", refused.Command, plain(refused.Cause)).WithAdvice(refused.Advice)
	default:
		return s.finding(check, Missing, "It could not be checked: %v.", plain(err))
	}
}
