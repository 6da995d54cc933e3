package conn

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/core"
)

// LayoutMajor and LayoutMinor are the version of keys and scripts that this
// program speaks. Programs of one major work together; a minor adds what the
// others may ignore.
const (
	LayoutMajor = 1
	LayoutMinor = 0
)

// Layout is the value of Keys.Layout that this program writes.
var Layout = fmt.Sprintf("%d.%d", LayoutMajor, LayoutMinor)

// JudgeLayout returns nil when found, the value of Keys.Layout, is a version
// that this program speaks, else a lasting *core.RefusedError that names both.
func (l *Lane) JudgeLayout(found string) error {
	text, _, _ := strings.Cut(found, ".")
	// As the scripts compare it: 01 or +1 is not ours.
	if text == strconv.Itoa(LayoutMajor) {
		return nil
	}
	major, err := strconv.Atoi(text)
	cause := fmt.Errorf("the service's keys have layout %.20q, this program speaks %s", found, Layout)
	advice := "use the version of this library that the other members use"
	switch {
	case err != nil || major == LayoutMajor:
		advice = "the key is not ours: remove it, or choose another name for the service"
	case major > LayoutMajor:
		advice = "update this program"
	case major < LayoutMajor:
		advice = "stop the members of the older version, let them finish, then remove the service's keys"
	}
	return &core.RefusedError{Server: l.Server(), Command: "layout", Advice: advice, Lasting: true, Cause: cause}
}

// checkLayout sets the layout where there is none, and judges it.
func (c *Conn) checkLayout(ctx context.Context) error {
	found, err := c.layout(ctx)
	if err == nil && found == "" {
		err = c.Rest.Do(ctx, "SET "+c.Layout(), func(node *redis.Client) error {
			return nilIsNoError(node.SetArgs(ctx, c.Layout(), Layout, redis.SetArgs{Mode: "NX"}).Err())
		})
		if err == nil {
			found, err = c.layout(ctx)
		}
	}
	if err != nil {
		return err
	}
	return c.Rest.JudgeLayout(found)
}

// layout is the stored version, or empty.
func (c *Conn) layout(ctx context.Context) (found string, err error) {
	err = c.Rest.Do(ctx, "GET "+c.Layout(), func(node *redis.Client) (err error) {
		found, err = node.Get(ctx, c.Layout()).Result()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	return found, err
}
