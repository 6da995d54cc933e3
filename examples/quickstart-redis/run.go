package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/internal/timeline"
)

const (
	// usualLength is how long the story takes, about.
	usualLength = 15 * time.Second
	// patience bounds each wait of the story: it is for what never comes.
	patience = 20 * time.Second
)

// runStory starts the members, tells the story, and cleans up whatever came of
// it. It returns the exit status.
func runStory(ctx context.Context, rdb *redis.Client, given arguments) int {
	given.service = "quickstart-" + randomName()
	history := timeline.NewHistory(memberIDs...)
	title := fmt.Sprintf("streamlease: three processes on Redis, TTL %v", ttl)
	screen := timeline.Open(os.Stdout, history, timeline.Config{Title: title, Length: usualLength, Streams: early + late})
	defer screen.Close()

	story, err := newStory(history, rdb, given)
	if err == nil {
		err = story.tell(ctx)
		story.end()
	}
	cleaning := removeKeys(rdb, given.service)
	screen.Close()
	switch {
	case err == nil && cleaning == nil:
		fmt.Printf("\nWhat happened\n%s", history.Facts().Summary())
		return 0
	case ctx.Err() != nil && cleaning == nil:
		fmt.Fprintln(os.Stderr, "\ninterrupted; the members have ended and the keys are removed")
		return 130
	default:
		fmt.Fprintf(os.Stderr, "\nquickstart-redis: %v\n", errors.Join(err, cleaning))
		return 1
	}
}

func randomName() string {
	random := make([]byte, 6)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}

// removeKeys removes the keys whose names contain the random name.
func removeKeys(rdb *redis.Client, service string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	keys := rdb.Scan(ctx, 0, "*"+service+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := rdb.Unlink(ctx, keys.Val()).Err(); err != nil {
			return fmt.Errorf("remove the keys of %s: %w", service, err)
		}
	}
	if err := keys.Err(); err != nil {
		return fmt.Errorf("remove the keys of %s: %w", service, err)
	}
	return nil
}
