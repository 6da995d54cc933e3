package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{"member": member})
	redis.SetLogger(quiet{})
	goleak.VerifyTestMain(m)
}

// patience bounds what is waited for. It is generous: no test fails because a
// machine is slow.
const patience = time.Minute

// called is what became of a call of the program.
type called struct {
	status          int
	out, complaints string
}

// call runs the program inside of the test.
func call(arguments ...string) called { return answer("", arguments...) }

// answer is call, for a program that asks.
func answer(text string, arguments ...string) called {
	var out, complaints bytes.Buffer
	status := run(arguments, strings.NewReader(text), &out, &complaints)
	return called{status, out.String(), complaints.String()}
}

// ok is a call that has to go well; it answers what it wrote.
func ok(t *testing.T, arguments ...string) string {
	t.Helper()
	got := call(arguments...)
	require.Equal(t, well, got.status, "%v: %s%s", arguments, got.out, got.complaints)
	return got.out
}

// eventually waits until what a call writes has the text.
func eventually(t *testing.T, text string, arguments ...string) string {
	t.Helper()
	var got called
	require.Eventually(t, func() bool {
		got = call(arguments...)
		return strings.Contains(got.out+got.complaints, text)
	}, patience, 10*time.Millisecond, "%v never said %q; last: %+v", arguments, text, &got)
	return got.out
}

// operate lets the program find the service.
func operate(t *testing.T, url string) {
	t.Setenv("STREAMLEASE_URL", url)
	t.Setenv("STREAMLEASE_SERVICE", "orders")
}

// startMember runs a member as a process of its own, and waits until it has
// joined.
func startMember(t *testing.T, id string, arguments ...string) *proctest.Member {
	t.Helper()
	process := proctest.StartMember(t, "member", append([]string{"-id", id}, arguments...)...)
	process.Expect("joined")
	return process
}

// member is a program that owns streams for as long as it is let, and fails those
// whose name begins with poison.
func member(parent *proctest.Parent) error {
	flags := flag.NewFlagSet("member", flag.ContinueOnError)
	id := flags.String("id", "", "")
	urls := flags.String("url", "", "of the source, then of a quorum of locks")
	lease := flags.String("lease", "goredis", "")
	ttl := flags.Duration("ttl", 2*time.Second, "")
	if err := flags.Parse(parent.Arguments); err != nil {
		return err
	}
	config := streamlease.Config{
		ID: *id, Version: "v7", TTL: *ttl, SweepInterval: time.Second,
		MaxFailures: 2, BackoffMin: 10 * time.Millisecond,
	}
	if err := choosePorts(&config, *lease, strings.Split(*urls, ",")); err != nil {
		return err
	}
	client, err := streamlease.New(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for client.Status().ConnectedSince.IsZero() && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		parent.Send("joined")
		_, _ = parent.Receive() // the test hangs up
		cancel()
	}()
	return client.Run(ctx, handle)
}

func handle(ctx context.Context, stream *streamlease.Stream) error {
	if strings.HasPrefix(stream.Ref().Name, "poison") {
		return errors.New("this one never works")
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

func choosePorts(config *streamlease.Config, lease string, urls []string) (err error) {
	var clients []redis.UniversalClient
	for _, url := range urls {
		options, err := redis.ParseURL(url)
		if err != nil {
			return err
		}
		clients = append(clients, redis.NewClient(options))
	}
	if config.Ports, err = goredis.New(clients[0], "orders"); err != nil {
		return err
	}
	locks := clients
	if len(clients) > 1 {
		locks = clients[1:]
	}
	switch lease {
	case "goredis":
	case "redislock":
		config.Ports.Leases, err = redislock.NewLeases(clients[0], "orders")
		if err == nil {
			config.Ports.Notifier, err = redislock.NewNotifier(clients[0], "orders", redislock.NotifierConfig{})
		}
	case "redsync":
		config.Ports.Leases, err = redsync.NewLeases("orders", locks...)
		if err == nil {
			config.Ports.Notifier, err = redsync.NewNotifier("orders", redsync.NotifierConfig{}, locks...)
		}
	default:
		err = fmt.Errorf("no lease store is called %q", lease)
	}
	return err
}
