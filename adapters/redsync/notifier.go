package redsync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/hints"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
	"github.com/streamlease/streamlease/ports"
)

// NotifierConfig is what a Notifier may be told. The zero value is fit.
type NotifierConfig struct {
	// PollEvery is the longest time between two looks at the index of the
	// leases' deadlines. The notifier looks anyhow at the moment when the next
	// lease that it knows of is due, so a longer time only delays word of
	// leases with a TTL shorter than this. Defaults to 1 s; choose no more than
	// the TTL.
	PollEvery time.Duration
	// PingAfter is how long a subscription may be silent before the server is
	// asked whether it is still there, and how long it may then take to
	// answer. Defaults to 5 s.
	PingAfter time.Duration
	// KeyEvents: listen to the server's word of keys that expired or were
	// evicted, too. The flags "Exe" are added to the server's
	// notify-keyspace-events for that, if CONFIG is allowed. What expires is
	// found at its deadline without it; only a lock that is evicted is found
	// sooner with it. Each expiry then costs the server a message to each
	// member. Defaults to false.
	KeyEvents bool
}

// Validate reports every mistake at once; the error wraps ports.ErrInvalid.
func (c NotifierConfig) Validate() error {
	_, err := hints.Config{PollEvery: c.PollEvery, PingAfter: c.PingAfter}.WithDefaults()
	return err
}

// Notifier is the expiry notifier of a service whose leases are in Leases: a
// ports.ExpiryNotifier, ports.Checker and io.Closer. On a quorum every server
// carries every hint, so that one which is down loses none; each comes as often
// as there are servers. It may be used concurrently.
type Notifier struct{ servers []*hints.Notifier }

var _ ports.ExpiryNotifier = (*Notifier)(nil)

// NewNotifier makes the notifier of a service, on the servers that NewLeases is
// given.
func NewNotifier(service string, config NotifierConfig, clients ...redis.UniversalClient) (*Notifier, error) {
	whole, err := hints.Config{PollEvery: config.PollEvery, PingAfter: config.PingAfter}.WithDefaults()
	if err != nil {
		return nil, err
	}
	indexes, err := open(service, clients, conn.Open)
	if err != nil {
		return nil, err
	}
	notifier := &Notifier{}
	for _, index := range indexes {
		notifier.servers = append(notifier.servers, index.NewNotifier(whole, config.KeyEvents))
	}
	return notifier, nil
}

// Publish sends hints over every server. An error means that too few have
// carried them to reach every Watch. See ports.ExpiryNotifier.
func (n *Notifier) Publish(ctx context.Context, hints []ports.Hint) error {
	errs := quorum.Each(len(n.servers),
		func(server int) error { return n.servers[server].Publish(ctx, hints) },
		func(err error) bool { return err == nil }, errLate)
	return n.majority("publish hints", errs)
}

// Check looks at every server. On a quorum a minority that cannot be used is a
// warning. See ports.Checker.
func (n *Notifier) Check(ctx context.Context) ([]string, error) {
	var warnings []string
	errs := make([]error, len(n.servers))
	for server, notifier := range n.servers {
		var found []string
		found, errs[server] = notifier.Check(ctx)
		warnings = append(warnings, found...)
		if errs[server] != nil {
			warnings = append(warnings, fmt.Sprintf("Server %d of the quorum carries no hints: %v.", server+1, errs[server]))
		}
	}
	if err := n.majority("check the notifier", errs); err != nil {
		return nil, err
	}
	return warnings, nil
}

// Watch listens to every server, and ends before its ctx only when a majority
// refuses for good. See ports.ExpiryNotifier.
func (n *Notifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var one sync.Mutex
	ended := make(chan error, len(n.servers))
	var watching sync.WaitGroup
	for _, server := range n.servers {
		watching.Go(func() {
			ended <- server.Watch(ctx, func(hints []ports.Hint) {
				one.Lock()
				defer one.Unlock()
				if ctx.Err() == nil {
					deliver(hints)
				}
			})
		})
	}
	errs := make([]error, len(n.servers))
	for i := range errs {
		errs[i] = <-ended
		if n.majority("watch", errs) != nil {
			cancel()
		}
	}
	watching.Wait()
	return n.majority("watch", errs)
}

// majority is nil unless too few succeeded for any two majorities to meet.
func (n *Notifier) majority(what string, errs []error) error {
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if len(errs)-failed >= quorum.Majority(len(n.servers)) {
		return nil
	}
	if len(n.servers) == 1 {
		return errs[0]
	}
	return fmt.Errorf("%s: %d of %d servers failed: %w", what, failed, len(errs), errors.Join(errs...))
}

// Close gives the connections back. A Watch goes on until its ctx ends.
func (n *Notifier) Close() error {
	var errs []error
	for _, server := range n.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}
