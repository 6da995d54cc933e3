// Command kubernetes is a service that runs in a Deployment, see deployment.yaml
// beside it:
//
//   - the Pod's name, which operators know, is the member's ID (POD_NAME);
//   - a Pod is ready when it has joined the fleet, so a rollout waits for that;
//   - a Pod that is stopped hands its streams on, and is given longer for it than
//     the handlers are for their work.
//
// There is no liveness probe on purpose: when Redis cannot be reached, to restart
// the Pods helps nobody. A handler that hangs in a live process is found by
// Config.StuckAfter.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

const (
	// grace is how long handlers may go on after SIGTERM. The manifest's
	// terminationGracePeriodSeconds is longer: handing on takes a moment, too.
	grace = 20 * time.Second
	// stuckAfter is longer than any pause between two messages of a stream.
	stuckAfter = 5 * time.Minute
	// readyPath is where the manifest's readinessProbe asks.
	readyPath = "/ready"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rdb := redis.NewClient(&redis.Options{Addr: cmp.Or(os.Getenv("REDIS_ADDR"), "localhost:6379")})
	set, err := goredis.New(rdb, "orders")
	if err != nil {
		log.Fatal(err)
	}
	client, err := streamlease.New(streamlease.Config{Ports: set, Grace: grace, StuckAfter: stuckAfter})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":"+cmp.Or(os.Getenv("PROBE_PORT"), "8080"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.ID(), "answers probes on", listener.Addr())
	probes := &http.Server{Handler: probe(client)}
	go func() {
		if err := probes.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Print(err)
			stop()
		}
	}()
	if err := errors.Join(client.Run(ctx, process), probes.Close(), rdb.Close()); err != nil {
		log.Fatal(err)
	}
}

// probe answers the kubelet. Status never blocks, whatever Redis does.
func probe(client *streamlease.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+readyPath, func(w http.ResponseWriter, _ *http.Request) {
		status := client.Status()
		if status.ConnectedSince.IsZero() {
			http.Error(w, fmt.Sprint("not connected: ", status.LastError), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "%d streams, fleet of %d, %d waiting, %d handlers overdue\n",
			status.Owned, status.Fleet, status.Backlog, status.Lingering)
	})
	return mux
}

func process(ctx context.Context, s *streamlease.Stream) error {
	fmt.Println("processing", s.Ref().Name)
	return nil
}
