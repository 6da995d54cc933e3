package redislock

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/hints"
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
// ports.ExpiryNotifier, ports.Checker and io.Closer. It may be used
// concurrently.
type Notifier struct{ *hints.Notifier }

// NewNotifier makes the notifier of a service; see NewLeases.
func NewNotifier(client redis.UniversalClient, service string, config NotifierConfig) (*Notifier, error) {
	whole, err := hints.Config{PollEvery: config.PollEvery, PingAfter: config.PingAfter}.WithDefaults()
	if err != nil {
		return nil, err
	}
	index, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Notifier{index.NewNotifier(whole, config.KeyEvents)}, nil
}
