package streamlease_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
)

// The examples share an embedded service; a real one is reached by
// goredis.New(rdb, "orders").
func exampleService() *memory.Service {
	service, err := memory.New(memory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return service
}

func exampleAnnounce(service *memory.Service, names ...string) {
	publisher := streamlease.NewPublisher(service.Source)
	for _, name := range names {
		assignment := streamlease.Assignment{
			Ref:  streamlease.StreamRef{Name: name},
			Info: streamlease.Info(`{"customer":9007199254740993}`),
		}
		if _, err := publisher.Announce(context.Background(), assignment); err != nil {
			log.Fatal(err)
		}
	}
}

// A whole service: it processes each stream that it is given and closes.
func Example() {
	service := exampleService()
	exampleAnnounce(service, "order-1")

	client, err := streamlease.New(streamlease.Config{Ports: service.Ports()})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	notifications, err := client.Init(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for n := range notifications {
		switch n.Kind {
		case streamlease.StreamAdded:
			go func() { // one goroutine for each stream
				fmt.Println("processing", n.Stream.Ref().Name)
				if err := n.Stream.Done(ctx); err != nil {
					log.Print(err)
				}
				_ = client.Close(ctx) // this example ends after one stream
			}()
		case streamlease.StreamDisowned:
			// n.Stream.Context() has ended; there is nothing to call.
		case streamlease.StreamTerminated:
			fmt.Println(n.Err)
		}
	}
	// Output:
	// processing order-1
	// closed by Close
}

// Run does everything: what the handler returns settles the stream.
func ExampleClient_Run() {
	service := exampleService()
	exampleAnnounce(service, "order-1")
	client, err := streamlease.New(streamlease.Config{
		Ports:      service.Ports(),
		BackoffMin: 10 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	err = client.Run(ctx, func(ctx context.Context, s *streamlease.Stream) error {
		fmt.Println(s.Ref().Name, "has failed", s.Failures(), "times")
		if s.Failures() == 0 {
			return errors.New("the bank is closed") // tried again later
		}
		stop() // this example ends after one stream
		return nil
	})
	fmt.Println("ended with", err)
	// Output:
	// order-1 has failed 0 times
	// order-1 has failed 1 times
	// ended with <nil>
}

// received waits for the next stream of an example.
func received(notifications <-chan streamlease.Notification) *streamlease.Stream {
	for n := range notifications {
		if n.Kind == streamlease.StreamAdded {
			return n.Stream
		}
	}
	return nil
}

func exampleClient(service *memory.Service, id string) (*streamlease.Client, <-chan streamlease.Notification) {
	client, err := streamlease.New(streamlease.Config{Ports: service.Ports(), ID: id})
	if err != nil {
		log.Fatal(err)
	}
	notifications, err := client.Init(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	return client, notifications
}

// closeExample closes a client that nobody reads any more.
func closeExample(client *streamlease.Client, notifications <-chan streamlease.Notification) {
	go func() {
		for range notifications {
		}
	}()
	_ = client.Close(context.Background())
}

// A deploy: the old process closes, and the new one owns its streams at once.
func ExampleClient_Close() {
	service := exampleService()
	exampleAnnounce(service, "call-7")
	ctx := context.Background()

	old, oldNotifications := exampleClient(service, "old")
	stream := received(oldNotifications)
	fmt.Println("the old process has", stream.Ref().Name)

	replacement, notifications := exampleClient(service, "new")
	go func() {
		for range oldNotifications { // read on until the channel closes
		}
	}()
	if err := old.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("its context has ended:", errors.Is(context.Cause(stream.Context()), streamlease.ErrClosed))

	next := received(notifications)
	fmt.Println("the new process has", next.Ref().Name)
	fmt.Println("with a higher token:", next.Token() > stream.Token())
	closeExample(replacement, notifications)
	// Output:
	// the old process has call-7
	// its context has ended: true
	// the new process has call-7
	// with a higher token: true
}

// With ManualClaim the application decides what it takes over.
func ExampleClient_Claim() {
	service := exampleService()
	exampleAnnounce(service, "device-3")
	first, firstNotifications := exampleClient(service, "first")
	stream := received(firstNotifications)

	second, err := streamlease.New(streamlease.Config{Ports: service.Ports(), ID: "second", ManualClaim: true})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	notifications, err := second.Init(ctx)
	if err != nil {
		log.Fatal(err)
	}
	_, err = second.Claim(ctx, stream.Ref())
	fmt.Println("while it is owned:", errors.Is(err, streamlease.ErrHeld))

	closeExample(first, firstNotifications)
	for n := range notifications {
		if n.Kind == streamlease.StreamExpired {
			claimed, err := second.Claim(ctx, n.Ref)
			if err != nil {
				continue // another member was first
			}
			fmt.Println("claimed", claimed.Ref().Name)
			break
		}
	}
	closeExample(second, notifications)
	// Output:
	// while it is owned: true
	// claimed device-3
}

// A stream that cannot be processed is given back, and tried again later.
func ExampleStream_Fail() {
	service := exampleService()
	exampleAnnounce(service, "order-1")
	client, err := streamlease.New(streamlease.Config{
		Ports:      service.Ports(),
		BackoffMin: 10 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	notifications, err := client.Init(ctx)
	if err != nil {
		log.Fatal(err)
	}
	stream := received(notifications)
	if err := stream.Fail(ctx, errors.New("the bank is closed")); err != nil {
		log.Fatal(err)
	}
	fmt.Println("a late Done:", errors.Is(stream.Done(ctx), streamlease.ErrNotOwned))

	again := received(notifications)
	fmt.Println("tried again after", again.Failures(), "failure")
	_ = again.Done(ctx)
	closeExample(client, notifications)
	// Output:
	// a late Done: true
	// tried again after 1 failure
}

// Info keeps every digit of large numbers.
func ExampleStream_Info() {
	service := exampleService()
	exampleAnnounce(service, "order-1")
	client, notifications := exampleClient(service, "m1")
	var info map[string]any
	if err := received(notifications).Info().Decode(&info); err != nil {
		log.Fatal(err)
	}
	fmt.Println(info["customer"])
	closeExample(client, notifications)
	// Output:
	// 9007199254740993
}

// The context of a stream bounds the work on it.
func ExampleStream_Context() {
	service := exampleService()
	exampleAnnounce(service, "order-1")
	client, notifications := exampleClient(service, "m1")
	stream := received(notifications)

	stopped := make(chan error)
	go func() { // a worker
		<-stream.Context().Done()
		stopped <- context.Cause(stream.Context())
	}()
	if err := stream.HandOff(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(<-stopped, streamlease.ErrNotOwned))
	closeExample(client, notifications)
	// Output:
	// true
}

// Producers announce streams; several go in one call.
func ExamplePublisher() {
	service := exampleService()
	publisher := streamlease.NewPublisher(service.Source)
	refs, err := publisher.Announce(context.Background(),
		streamlease.Assignment{Ref: streamlease.StreamRef{Name: "order-1"}},
		streamlease.Assignment{
			Ref:  streamlease.StreamRef{Name: "order-2"},
			Info: streamlease.Info(`{"priority": 1}`),
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, ref := range refs {
		fmt.Println(ref.Name)
	}
	if err := publisher.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// order-1
	// order-2
}

// A probe reads Status.
func ExampleClient_Status() {
	service := exampleService()
	client, notifications := exampleClient(service, "m1")
	status := client.Status()
	fmt.Println("connected:", !status.ConnectedSince.IsZero())
	fmt.Println("owned:", status.Owned)
	closeExample(client, notifications)
	// Output:
	// connected: true
	// owned: 0
}

// Every mistake is reported at once.
func ExampleNew() {
	_, err := streamlease.New(streamlease.Config{
		Ports:      exampleService().Ports(),
		TTL:        time.Second,
		RenewEvery: 2 * time.Second,
		MaxStreams: -1,
		Logger:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	fmt.Println(err)
	// Output:
	// invalid config: RenewEvery, 2s, and CallTimeout, 166.666666ms, must together be less than TTL - Margin, 900ms, so that a renewal can fail once
	// MaxStreams is -1; it must be positive, or 0 for no limit
}

// A ref can be stored as text.
func ExampleParseStreamRef() {
	ref, err := streamlease.ParseStreamRef("tenant:7:order-1:1767225600000-0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ref.Name)
	fmt.Println(ref.MessageID)
	// Output:
	// tenant:7:order-1
	// 1767225600000-0
}
