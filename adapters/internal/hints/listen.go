package hints

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/ports"
)

// listen hears what members publish.
func (w *watch) listen(ctx context.Context) error {
	var pause pause
	for ctx.Err() == nil {
		err := w.lane.Explain("SUBSCRIBE", w.subscribe(ctx, pause.reset))
		if isLasting(err) {
			return err
		}
		pause.wait(ctx)
	}
	return nil
}

// subscribe listens over one connection until that breaks, and calls
// subscribed once it stands.
func (w *watch) subscribe(ctx context.Context, subscribed func()) error {
	node, err := w.lane.Node(ctx)
	if err != nil {
		return err
	}
	subscription := node.Subscribe(ctx)
	defer subscription.Close()
	connecting, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := subscription.Subscribe(connecting, w.notifier.channel); err != nil {
		return err
	}
	for asked := false; ; {
		heard, err := subscription.ReceiveTimeout(ctx, w.notifier.config.PingAfter)
		switch {
		case isTimeout(err) && !asked:
			asked = true
			err = subscription.Ping(ctx)
		case isTimeout(err):
			err = fmt.Errorf("the subscription is dead: %w", err)
		default:
			asked = false
		}
		if err != nil {
			return err
		}
		switch heard := heard.(type) {
		case *redis.Subscription:
			subscribed()
			// What was published before is gone.
			w.backlog.add(ports.Hint{Kind: ports.HintGap})
		case *redis.Message:
			w.backlog.add(decode(heard.Payload)...)
		}
	}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
