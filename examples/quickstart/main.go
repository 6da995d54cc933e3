// Command quickstart shows what streamlease does, in one process and with
// nothing installed but Go: three members share data streams; one is killed,
// one freezes and wakes up too late. Each time the others take over, and the
// late one can do no harm.
//
//	go run ./examples/quickstart
//
// Everything that is claimed on the way is checked; the exit status is 1 when
// something did not hold. What to copy is in member.go (a consumer) and
// ledger.go (a resource that refuses old tokens).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/streamlease/streamlease/internal/timeline"
)

const (
	// ttl is how long a dead member's streams stay without an owner, about.
	// Ten seconds are usual; a story wants less.
	ttl = 1500 * time.Millisecond
	// usualLength is how long the story takes, about.
	usualLength = 14 * time.Second
	// patience bounds each wait of the story: it is for what never comes.
	patience = 15 * time.Second
)

func main() {
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx))
}

func usage() {
	fmt.Fprint(os.Stderr, `Usage: go run ./examples/quickstart

Three members share data streams; one is killed, one freezes. It takes about
14 s and needs neither arguments nor Redis. Set NO_COLOR=1 for plain lines.
`)
}

// run tells the story and returns the exit status.
func run(ctx context.Context) int {
	history := timeline.NewHistory("A", "B", "C")
	screen := timeline.Open(os.Stdout, history, timeline.Config{
		Title:   fmt.Sprintf("streamlease: three members, one process, TTL %v", ttl),
		Length:  usualLength,
		Streams: early + late,
	})
	defer screen.Close()
	story, err := newStory(history)
	if err == nil {
		err = story.tell(ctx)
	}
	screen.Close()
	switch {
	case err == nil:
		fmt.Printf("\nWhat happened\n%s", history.Facts().Summary())
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\ninterrupted")
		return 130
	default:
		fmt.Fprintf(os.Stderr, "\nquickstart: %v\n", err)
		return 1
	}
}
