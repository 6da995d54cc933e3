// Command zombie shows why a lease is not enough, and that a fence is. Two
// processes share one account. Its owner is frozen (SIGSTOP) between reading
// the balance and writing it, for longer than its lease lasts; the other one
// takes over and finishes the work; then the frozen one wakes up (SIGCONT) and
// writes. Once without a fence: the account is corrupted. Once with one: it is
// refused.
//
//	go run ./examples/zombie
//
// starts a redis-server of its own, if one is installed, and stops it again.
// With -redis URL it uses yours: its keys have a random name and are removed.
//
// The exit status is 1 when something else happened. What to copy is in
// account.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

const (
	// ttl is how long a frozen member keeps its streams, about. Ten seconds are
	// usual; a demonstration wants less.
	ttl = 1500 * time.Millisecond
	// patience bounds each wait: it is for what never comes.
	patience = time.Minute
)

// arguments are what the program was called with.
type arguments struct {
	url string
	// member, service and fenced are set for the processes that the program
	// starts itself.
	member, service string
	fenced          bool
}

func main() {
	logging.Disable() // what go-redis would log is in the errors
	given, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2) // said already
	}
	if err := start(given); err != nil {
		fmt.Fprintf(os.Stderr, "zombie: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

const usage = `Usage: go run ./examples/zombie [-redis URL]

  -redis URL   a Redis server, 7.0 or newer, for instance
               redis://localhost:6379. Without it the program starts a
               redis-server of its own, if one is installed.

It takes about 6 s. Keys have a random name and are removed at the end.
`

func parse(args []string, complaints io.Writer) (arguments, error) {
	var given arguments
	flags := flag.NewFlagSet("zombie", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() { fmt.Fprint(complaints, usage) }
	flags.StringVar(&given.url, "redis", "", "")
	flags.StringVar(&given.member, "member", "", "")
	flags.StringVar(&given.service, "service", "", "")
	flags.BoolVar(&given.fenced, "fenced", false, "")
	if err := flags.Parse(args); err != nil {
		return given, err
	}
	if flags.NArg() > 0 {
		err := fmt.Errorf("what is %q?", flags.Arg(0))
		fmt.Fprintf(complaints, "zombie: %v\n\n%s", err, usage)
		return given, err
	}
	return given, nil
}

// start runs the story, or one member of it.
func start(given arguments) error {
	if given.member != "" {
		// Ctrl-C reaches every process; when to end is for the story to say.
		signal.Ignore(os.Interrupt)
		return withRedis(context.Background(), given.url, func(rdb *redis.Client) error {
			return runMember(rdb, given)
		})
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if given.url == "" {
		server, err := startServer()
		if err != nil {
			return err
		}
		defer server.stop()
		given.url = server.url
	}
	return withRedis(ctx, given.url, func(rdb *redis.Client) error { return tell(ctx, rdb, given.url) })
}

// withRedis waits until the server answers, and lends a client.
func withRedis(ctx context.Context, url string, use func(*redis.Client) error) error {
	options, err := redis.ParseURL(url)
	if err != nil {
		// The error may repeat the URL, and with it a password.
		return errors.New("-redis wants a URL like redis://localhost:6379, rediss://user:password@host:6380/2 or unix:///run/redis/redis.sock")
	}
	rdb := redis.NewClient(options)
	defer func() { _ = rdb.Close() }()
	if err := rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("no Redis answers at %s: %w", options.Addr, err)
	}
	return use(rdb)
}
