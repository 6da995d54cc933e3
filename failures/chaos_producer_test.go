package failures_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/proctest"
)

// producerProgram is the name of runProducer for proctest.
const producerProgram = "producer"

const (
	// announceEvery is the mean time between two calls of Announce.
	announceEvery = 80 * time.Millisecond
	// mostAtOnce is how many streams are announced by one call.
	mostAtOnce = 3
	// mostWaiting bounds what is on the LBS: a producer waits for the members.
	mostWaiting = 300
	// Of so many names one has been announced before.
	namesPerDouble  = 8
	namesRemembered = 50
	// announcePatience bounds one call of Announce.
	announcePatience = 2 * time.Second
)

// runProducer is what a producer process does: it announces until it is told to
// close, and says before and after each call what it knows.
func runProducer(parent *proctest.Parent) error {
	var settings settings
	if err := json.Unmarshal([]byte(parent.Arguments[0]), &settings); err != nil {
		return err
	}
	started := time.Now()
	offset := started.Sub(time.Unix(0, settings.Epoch))
	store, err := dial(settings.Redis)
	if err != nil {
		return err
	}
	source, err := goredis.NewSource(store, settings.Service)
	if err != nil {
		return err
	}
	announcer := &announcer{
		reporter: reporter{parent: parent, clock: func() time.Duration { return offset + time.Since(started) }},
		store:    store, lbs: layout{service: settings.Service}.stream(),
		publisher: streamlease.NewPublisher(source),
		random:    rand.New(rand.NewPCG(settings.Seed, 0)),
		// No other process of this producer's ID takes the same names.
		prefix: fmt.Sprintf("%s, process %d: ", settings.ID, os.Getpid()),
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		announcer.announceUntil(ctx)
	}()
	_, err = parent.Receive() // there is one request only: to close
	cancel()
	<-stopped
	if errors.Is(err, io.EOF) {
		return errors.New("the test is gone")
	}
	return errors.Join(err, announcer.publisher.Close(), store.Close(), goleak.Find())
}

// announcer is a producer at work.
type announcer struct {
	reporter  reporter
	store     *redis.Client
	lbs       string
	publisher *streamlease.Publisher
	random    *rand.Rand
	prefix    string
	names     int
	recent    []string
}

func (a *announcer) announceUntil(ctx context.Context) {
	for {
		pause := time.Duration(a.random.Int64N(int64(2 * announceEvery)))
		names := a.draw(1 + a.random.IntN(mostAtOnce))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		if waiting, err := a.store.XLen(ctx, a.lbs).Result(); err == nil && waiting < mostWaiting {
			a.announce(ctx, names)
		}
	}
}

func (a *announcer) draw(count int) []string {
	var names []string
	for range count {
		if len(a.recent) > 0 && a.random.IntN(namesPerDouble) == 0 {
			names = append(names, a.recent[a.random.IntN(len(a.recent))])
			continue
		}
		a.names++
		name := fmt.Sprint(a.prefix, a.names)
		names, a.recent = append(names, name), append(a.recent, name)
		a.recent = a.recent[max(0, len(a.recent)-namesRemembered):]
	}
	return names
}

func (a *announcer) announce(ctx context.Context, names []string) {
	var assignments []streamlease.Assignment
	for _, name := range names {
		assignments = append(assignments, streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
	}
	ctx, cancel := context.WithTimeout(ctx, announcePatience)
	defer cancel()
	a.reporter.send(report{Event: eventAnnouncing, Names: names})
	refs, err := a.publisher.Announce(ctx, assignments...)
	known := report{Event: eventAnnounced, Err: errorName(err)}
	for _, ref := range refs {
		if ref != (streamlease.StreamRef{}) {
			known.Refs = append(known.Refs, ref)
		}
	}
	a.reporter.send(known)
}
