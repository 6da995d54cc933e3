// Command observability is a service that shows itself to Prometheus: three
// members, a producer, and now and then something that goes wrong.
//
//	go run .                                  on an embedded store, with nothing but Go
//	go run . -redis redis://localhost:6379    on your own Redis
//
// Then look at http://localhost:9464/metrics. README.md beside this file says how
// to see the dashboard.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/streamlease/streamlease"
)

const members = 3

func main() {
	listen := flag.String("listen", "localhost:9464", "`address` of the page for Prometheus")
	redis := flag.String("redis", "", "`URL` of a Redis; empty: an embedded store")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *redis); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, listen, redis string) error {
	exporter, err := prometheus.New()
	if err != nil {
		return err
	}
	meters := metric.NewMeterProvider(metric.WithReader(exporter))
	page := &http.Server{Addr: listen, Handler: promhttp.Handler(), ReadHeaderTimeout: time.Second}
	stores, err := openStores(redis)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	start := func(part func() error) {
		running.Go(func() {
			if err := part(); err != nil {
				cancel(err)
			}
		})
	}
	start(page.ListenAndServe)
	start(func() error { return produce(ctx, stores) })
	for i := range members {
		start(func() error { return serve(ctx, stores, meters, fmt.Sprintf("member-%d", i+1)) })
	}
	<-ctx.Done()
	_ = page.Close()
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return meters.Shutdown(context.WithoutCancel(ctx))
}

// serve is one member. Usually it is a process of its own.
func serve(ctx context.Context, stores stores, meters *metric.MeterProvider, id string) error {
	ports, err := stores.ports()
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{
		Ports:         ports,
		ID:            id,
		TTL:           3 * time.Second,
		MaxStreams:    50,
		MaxFailures:   2,
		MeterProvider: meters,
		Logger:        slog.Default(),
	})
	if err != nil {
		return err
	}
	return client.Run(ctx, work)
}

var errUnlucky = errors.New("the order could not be shipped")

// work takes a second or two, and fails one time in twenty.
func work(ctx context.Context, _ *streamlease.Stream) error {
	select {
	case <-time.After(time.Second + rand.N(time.Second)):
	case <-ctx.Done():
		return ctx.Err()
	}
	if rand.N(20) == 0 {
		return errUnlucky
	}
	return nil
}

// produce announces some ten orders a second.
func produce(ctx context.Context, stores stores) error {
	announcer, err := stores.announcer()
	if err != nil {
		return err
	}
	publisher := streamlease.NewPublisher(announcer)
	defer publisher.Close()
	for number := 1; ; number++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rand.N(200 * time.Millisecond)):
		}
		order := streamlease.StreamRef{Name: fmt.Sprintf("order-%d-%d", os.Getpid(), number)}
		if _, err := publisher.Announce(ctx, streamlease.Assignment{Ref: order}); err != nil && ctx.Err() == nil {
			slog.Warn("an order could not be announced", "error", err)
		}
	}
}
