// Command quickstart-redis shows what streamlease does on a real Redis, with
// members that are processes of their own: one is killed with kill -9, one is
// frozen with kill -STOP and wakes up too late. Each time the others take over,
// and the late one can do no harm.
//
//	go run ./examples/quickstart-redis -redis redis://localhost:6379
//
// Everything that is claimed on the way is checked; the exit status is 1 when
// something did not hold. What to copy is in member.go (a consumer), ledger.go
// and ledger.lua (a resource that refuses old tokens).
//
// The keys belong to a service with a random name and are removed at the end;
// no others are touched.
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

// ttl is how long a dead member's streams stay without an owner, about. Ten
// seconds are usual; a story wants less.
const ttl = 2 * time.Second

// arguments are what the program was called with.
type arguments struct {
	url    string
	byHand bool
	// member and service are set for the processes that the program starts
	// itself: one member each.
	member, service string
}

func main() {
	// What go-redis logs would go through the picture; the errors say it all.
	logging.Disable()
	given, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2) // said already
	}
	os.Exit(start(given))
}

func parse(args []string, complaints io.Writer) (arguments, error) {
	var given arguments
	flags := flag.NewFlagSet("quickstart-redis", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() { fmt.Fprint(complaints, usage) }
	flags.StringVar(&given.url, "redis", "", "")
	flags.BoolVar(&given.byHand, "by-hand", false, "")
	flags.StringVar(&given.member, "member", "", "")
	flags.StringVar(&given.service, "service", "", "")
	if err := flags.Parse(args); err != nil {
		return given, err
	}
	problem := ""
	switch {
	case flags.NArg() > 0:
		problem = fmt.Sprintf("what is %q?", flags.Arg(0))
	case given.url == "":
		problem = "it needs -redis URL"
	case given.member != "" && given.service == "":
		problem = "-member needs -service"
	}
	if problem == "" {
		return given, nil
	}
	fmt.Fprintf(complaints, "quickstart-redis: %s\n\n%s", problem, usage)
	return given, errors.New(problem)
}

const usage = `Usage: go run ./examples/quickstart-redis -redis URL [-by-hand]

  -redis URL   the Redis server, 7.0 or newer, for instance
               redis://localhost:6379
               rediss://user:password@redis.example.com:6380/2
               unix:///run/redis/redis.sock
  -by-hand     tell no story: the members run until Ctrl-C, and you kill them
               (kill -9 PID), freeze them (kill -STOP PID) and wake them up
               (kill -CONT PID) from another terminal

Three processes share data streams; one is killed, one is frozen. It takes
about 15 s. Keys have a random name and are removed at the end. Set NO_COLOR=1
for plain lines.
`

// start runs the story, or one member of it, and returns the exit status.
func start(given arguments) int {
	rdb, err := connect(context.Background(), given.url)
	if err != nil {
		fmt.Fprintf(os.Stderr, "quickstart-redis: %v\n", err)
		return 1
	}
	defer func() { _ = rdb.Close() }()
	if given.member != "" {
		return runMember(rdb, given)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return runStory(ctx, rdb, given)
}

// connect makes a client and looks whether a server answers.
func connect(ctx context.Context, url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		// The error may repeat the URL, and with it a password.
		return nil, errors.New("-redis wants a URL like redis://localhost:6379, rediss://user:password@host:6380/2 or unix:///run/redis/redis.sock")
	}
	options.PoolSize = 64 // each stream waits for its records on a connection of its own
	rdb := redis.NewClient(options)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf(`no Redis answers at %s: %w
Start one, for instance with "redis-server" or "docker run --rm -p 6379:6379 redis:7",
or name another with -redis`, options.Addr, err)
	}
	return rdb, nil
}
