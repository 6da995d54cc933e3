package endtoend_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/proctest"
	"github.com/streamlease/streamlease/ports"
)

const (
	// memberProgram is the name of runMember for proctest. Its arguments are the
	// ID, the URL of the service's Redis, that of the resource, and the lease
	// store.
	memberProgram = "member"
	serviceName   = "orders of today"
	ttl           = 2 * time.Second
	// saveEvery bounds what a new owner repeats.
	saveEvery = 10
	// ask is the test's question how many streams a member owns; -1: it has not
	// joined yet.
	ask = "owned"
)

// runMember is a member process. Where it was too slow to join the fleet it tries
// again, as whatever supervises a process would.
func runMember(parent *proctest.Parent) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	store, resource := dial(parent.Arguments[1]), dial(parent.Arguments[2])
	var client atomic.Pointer[streamlease.Client]
	go answer(parent, &client)
	err := context.DeadlineExceeded
	for errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = serve(ctx, parent.Arguments[0], parent.Arguments[3], store, resource, &client)
	}
	return errors.Join(err, store.Close(), resource.Close())
}

// serve is the service: what follows is all that there is to it.
func serve(ctx context.Context, id, leases string, store, resource *redis.Client, running *atomic.Pointer[streamlease.Client]) error {
	set, err := portsWith(leases, store)
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{
		Ports: set, ID: id, TTL: ttl, SweepInterval: ttl,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	running.Store(client)
	reader, err := goredis.NewReader(store, goredis.ReaderConfig{SaveEvery: saveEvery, MaxWait: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	err = client.Run(ctx, func(ctx context.Context, s *streamlease.Stream) error {
		for message, err := range reader.Messages(ctx, s) {
			if err != nil {
				return err
			}
			if err := process(ctx, resource, s, message); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, reader.Close())
}

func dial(url string) *redis.Client {
	options, err := redis.ParseURL(url)
	if err != nil {
		panic(err) // the test's mistake
	}
	patiently(options)
	return redis.NewClient(options)
}

// patiently repeats no call unseen: an effect, or a message, that was there twice
// would look like one out of order.
func patiently(options *redis.Options) {
	options.MaxRetries, options.ReadTimeout = -1, time.Minute
}

// portsWith are those of goredis, the leases apart.
func portsWith(leases string, store *redis.Client) (ports.Set, error) {
	set, err := goredis.New(store, serviceName)
	if err != nil {
		return ports.Set{}, err
	}
	var failed [2]error
	switch leases {
	case "redsync":
		set.Leases, failed[0] = redsync.NewLeases(serviceName, store)
		set.Notifier, failed[1] = redsync.NewNotifier(serviceName, redsync.NotifierConfig{}, store)
	case "redislock":
		set.Leases, failed[0] = redislock.NewLeases(store, serviceName)
		set.Notifier, failed[1] = redislock.NewNotifier(store, serviceName, redislock.NotifierConfig{})
	}
	return set, errors.Join(failed[:]...)
}

// answer tells the test how many streams the member owns whenever it asks.
func answer(parent *proctest.Parent, running *atomic.Pointer[streamlease.Client]) {
	for {
		if _, err := parent.Receive(); errors.Is(err, io.EOF) {
			return
		}
		owned := -1
		if client := running.Load(); client != nil && !client.Status().ConnectedSince.IsZero() {
			owned = client.Status().Owned
		}
		parent.Send(ask, owned)
	}
}

// process is the work on one message: its effect.
func process(ctx context.Context, resource *redis.Client, s *streamlease.Stream, message goredis.Message) error {
	verdict, err := effect.Run(ctx, resource, resourceKeys(s.Ref().Name),
		strconv.FormatInt(int64(s.Token()), 10), message.Values[numberField]).Text()
	if err == nil && verdict == "refused" {
		return errors.New("the resource has seen a later owner")
	}
	return err
}
