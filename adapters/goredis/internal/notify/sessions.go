package notify

import (
	"context"
	_ "embed"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/hints"
	"github.com/streamlease/streamlease/ports"
)

var (
	//go:embed expired.lua
	expiredSource string
	expiredScript = conn.NewScript("expired.lua", expiredSource, conn.MicrosecondsSource)
)

// Config of a Notifier.
type Config = hints.Config

// Notifier is a ports.ExpiryNotifier, an io.Closer and a ports.Checker.
type Notifier = hints.Notifier

// New makes a notifier of sessions that talks over c, and closes c when it is
// closed.
func New(c *conn.Conn, config Config) *Notifier {
	return hints.New(c, config, hints.Look{
		At: func(ctx context.Context, lane *conn.Lane, position string) (hints.Sight, error) {
			keys := []string{c.Sessions(), c.SessionStates(), c.SessionPrefix()}
			return hints.RunLook(ctx, lane, expiredScript, keys, position, 1, lostSession)
		},
		Rights: Rights,
	})
}

// Rights are the commands inside the script of the notifier.
var Rights = [][]any{
	{"TIME"},
	{"ZRANGE", conn.ProbeKey, 0, 0}, {"ZCARD", conn.ProbeKey}, {"ZREM", conn.ProbeKey, "x"}, {"HDEL", conn.ProbeKey, "x"},
}

// lostSession leaves out a session whose name is no grant, or another way to
// write one: it is none of ours.
func lostSession(texts []string) (ports.Hint, bool) {
	grant, err := ports.ParseGrantID(texts[0])
	ours := err == nil && !grant.IsZero() && grant.String() == texts[0]
	return ports.Hint{Kind: ports.HintGrant, Grant: grant}, ours
}
