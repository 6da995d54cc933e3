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
		err := w.lane.Explain("SUBSCRIBE", w.subscribe(ctx, []string{w.notifier.channel},
			func() {
				pause.reset()
				// What was published before is gone.
				w.backlog.add(ports.Hint{Kind: ports.HintGap})
			},
			func(message string) { w.backlog.add(decode(message)...) }))
		if isLasting(err) {
			return err
		}
		pause.wait(ctx)
	}
	return nil
}

// subscribe listens over one connection until that breaks. It calls subscribed
// once for each channel when it stands.
func (w *watch) subscribe(ctx context.Context, channels []string, subscribed func(), heard func(message string)) error {
	node, err := w.lane.Node(ctx)
	if err != nil {
		return err
	}
	subscription := node.Subscribe(ctx)
	defer subscription.Close()
	connecting, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := subscription.Subscribe(connecting, channels...); err != nil {
		return err
	}
	for asked := false; ; {
		received, err := subscription.ReceiveTimeout(ctx, w.notifier.config.PingAfter)
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
		switch received := received.(type) {
		case *redis.Subscription:
			subscribed()
		case *redis.Message:
			heard(received.Payload)
		}
	}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
