package streamlease_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strconv"
	"time"

	"github.com/streamlease/streamlease"
)

// A handler that saves how far it has come: when it fails, or its process dies,
// the next owner goes on from there.
func ExampleStream_SaveCheckpoint() {
	service := exampleService()
	exampleAnnounce(service, "order-1")
	client, err := streamlease.New(streamlease.Config{Ports: service.Ports(), BackoffMin: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	err = client.Run(ctx, func(ctx context.Context, s *streamlease.Stream) error {
		position, err := s.Checkpoint(ctx)
		if err != nil {
			return err
		}
		done, _ := strconv.Atoi(position) // empty at the beginning: 0
		for step := done + 1; step <= 4; step++ {
			fmt.Println("step", step)
			if err := s.SaveCheckpoint(ctx, strconv.Itoa(step)); err != nil {
				return err
			}
			if step == 2 && s.Failures() == 0 {
				return errors.New("the upstream said 500")
			}
		}
		stop()
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// step 1
	// step 2
	// step 3
	// step 4
}
