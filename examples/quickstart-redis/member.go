package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/timeline"
)

// member is one consumer of the service, in a process of its own.
type member struct {
	id      string
	feed    *feed
	ledger  *ledger
	output  output
	working sync.WaitGroup
}

// runMember is the whole life of a member process: until the story hangs up.
func runMember(rdb *redis.Client, given arguments) int {
	// Ctrl-C in the terminal reaches every process; when to end is for the
	// story to say.
	signal.Ignore(os.Interrupt)
	m := &member{
		id:     given.member,
		feed:   newFeed(rdb, given.service),
		ledger: newLedger(rdb, given.service),
		output: output{encoder: json.NewEncoder(os.Stdout)},
	}
	go m.output.beat()
	if err := m.run(rdb, given.service); err != nil {
		m.output.say(timeline.Event{Kind: timeline.Failed, Member: m.id, Note: err.Error()})
		return 1
	}
	m.output.say(timeline.Event{Kind: timeline.Left, Member: m.id})
	return 0
}

func (m *member) run(rdb *redis.Client, service string) error {
	set, err := goredis.New(rdb, service)
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{Ports: set, ID: m.id, TTL: ttl})
	if err != nil {
		return err
	}
	notifications, err := client.Init(context.Background())
	if err != nil {
		return errors.Join(err, client.Close(context.Background()))
	}
	m.output.say(timeline.Event{Kind: timeline.Joined, Member: m.id, Note: fmt.Sprintf("pid %d", os.Getpid())})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the story hangs up, or is dead
		ctx, cancel := context.WithTimeout(context.Background(), ttl)
		defer cancel()
		_ = client.Close(ctx)
	}()
	return m.listen(notifications)
}

// listen starts a worker for each stream that the member is given, until the
// client has ended. There is nothing to do when a stream is lost: its context
// has ended.
func (m *member) listen(notifications <-chan streamlease.Notification) error {
	var end error
	for n := range notifications {
		switch n.Kind {
		case streamlease.StreamAdded:
			m.say(timeline.Added, n.Stream, "")
			m.working.Go(func() { m.work(n.Stream) })
		case streamlease.StreamDisowned:
			m.say(timeline.Disowned, n.Stream, "")
		case streamlease.StreamTerminated:
			end = n.Err
		}
	}
	m.working.Wait()
	if errors.Is(end, streamlease.ErrClosed) {
		return nil
	}
	return end
}

// work processes one stream until it ends or is lost.
func (m *member) work(stream *streamlease.Stream) {
	ctx, name, token := stream.Context(), stream.Ref().Name, stream.Token()
	position, finished, err := m.ledger.open(ctx, name, token)
	if err != nil {
		m.giveBack(stream, err)
		return
	}
	m.say(timeline.Working, stream, "")
	for !finished {
		records, err := m.feed.next(ctx, name, position)
		if err != nil {
			m.giveBack(stream, err)
			return
		}
		handle(records)
		// A process may be frozen here for any time, and by now somebody else
		// may own the stream. So the token goes along with the write.
		finished, err = m.ledger.write(name, token, records)
		if errors.Is(err, errOldToken) {
			m.tooLate(stream, err)
			return
		}
		if err != nil {
			m.giveBack(stream, err)
			return
		}
		position = records[len(records)-1].id
	}
	if stream.Done(context.Background()) == nil {
		m.say(timeline.Finished, stream, "")
	}
}

// handle stands for the work on some records.
func handle([]record) { time.Sleep(200 * time.Millisecond) }

// giveBack is for a worker that cannot go on: the stream is tried again after a
// while, by anybody. One that was lost, or is handed off by Close, is not ours
// to give.
func (m *member) giveBack(stream *streamlease.Stream, why error) {
	if stream.Context().Err() == nil {
		_ = stream.Fail(context.Background(), why) // fails when it was lost just now
	}
}

// tooLate shows that a member which does not know what it lost can do no harm
// either by saying that it has finished. A real worker would just return.
func (m *member) tooLate(stream *streamlease.Stream, refusal error) {
	m.say(timeline.Refused, stream, refusal.Error())
	answer := stream.Done(context.Background())
	m.say(timeline.LateDone, stream, fmt.Sprint(answer))
}

func (m *member) say(kind timeline.Kind, stream *streamlease.Stream, note string) {
	m.output.say(timeline.Event{Kind: kind, Member: m.id, Stream: stream.Ref().Name, Token: int64(stream.Token()), Note: note})
}

// output tells the story what happens, one JSON object in each line.
type output struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

// say ignores errors: when nobody listens any more, the end is near.
func (o *output) say(event timeline.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.encoder.Encode(event)
}

// beat says all the time that this process runs, and nothing else.
func (o *output) beat() {
	for range time.Tick(beatEvery) {
		o.say(timeline.Event{})
	}
}
