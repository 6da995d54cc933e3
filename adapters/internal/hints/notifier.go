package hints

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Notifier is a ports.ExpiryNotifier, an io.Closer and a ports.Checker. Its
// methods may be called concurrently.
type Notifier struct {
	conn    *conn.Conn
	channel string
	config  Config
	look    Look
	close   func() error
}

// New makes a notifier that talks over c, and closes c when it is closed.
func New(c *conn.Conn, config Config, look Look) *Notifier {
	return &Notifier{
		conn:    c,
		channel: c.Hints(c.Database),
		config:  config,
		look:    look,
		close:   sync.OnceValue(c.Close),
	}
}

// Close gives the connections back. A Watch goes on until its ctx ends.
func (n *Notifier) Close() error { return n.close() }

// Publish sends hints to every Watch of the service. A hint that cannot be
// written, because its name or message ID is not valid UTF-8, is
// ports.ErrInvalid; the others are sent all the same. See
// ports.ExpiryNotifier.
func (n *Notifier) Publish(ctx context.Context, hints []ports.Hint) error {
	messages, err := encode(hints)
	problems := []error{err}
	for len(messages) > 0 {
		batch := messages[:min(len(messages), messagesPerTrip)]
		messages = messages[len(batch):]
		problems = append(problems, n.send(ctx, batch))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("publish hints: %w", err)
	}
	return nil
}

// messagesPerTrip bounds what stands in the buffers of one round trip.
const messagesPerTrip = 16

func (n *Notifier) send(ctx context.Context, messages [][]byte) error {
	return n.conn.Rest.Do(ctx, "PUBLISH", func(node *redis.Client) error {
		_, err := node.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
			for _, message := range messages {
				pipeline.Publish(ctx, n.channel, message)
			}
			return nil
		})
		return err
	})
}

// Check looks at the server and at the rights of the user: an empty message is
// published, which every Watch ignores. See ports.Checker.
func (n *Notifier) Check(ctx context.Context) ([]string, error) {
	warnings, err := n.conn.CheckServer(ctx)
	if err != nil {
		return warnings, err
	}
	if err := n.conn.CheckRights(ctx, n.look.Rights); err != nil {
		return warnings, err
	}
	if n.look.Events != nil {
		if err := addFlags(ctx, n.conn.Rest); err != nil {
			warnings = append(warnings, fmt.Sprintf("The server's notify-keyspace-events could not be set: %v. What expires is found by the index of deadlines all the same; to be told of keys that are evicted, set the flags %s.", err, eventFlags))
		}
	}
	return warnings, n.send(ctx, [][]byte{nil})
}
