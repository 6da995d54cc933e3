package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/timeline"
)

// member is one consumer of the service. Usually it is a process of its own.
type member struct {
	id      string
	client  *streamlease.Client
	machine *machine
	feed    *feed
	ledger  *ledger
	record  func(timeline.Event)
	running sync.WaitGroup
}

// join starts a member. The only thing that a real one does not have is the
// machine, which can be killed and frozen.
func join(ctx context.Context, id string, s *story) (*member, error) {
	machine := newMachine()
	client, err := streamlease.New(streamlease.Config{
		Ports: machine.reach(s.service.Ports()),
		ID:    id,
		TTL:   ttl,
	})
	if err != nil {
		return nil, err
	}
	notifications, err := client.Init(ctx)
	if err != nil {
		return nil, err
	}
	m := &member{id: id, client: client, machine: machine, feed: s.feed, ledger: s.ledger, record: s.Record}
	m.record(timeline.Event{Kind: timeline.Joined, Member: id})
	m.running.Go(func() { m.listen(notifications) })
	return m, nil
}

// listen starts a worker for each stream that the member is given. There is
// nothing to do when a stream is lost: its context has ended.
func (m *member) listen(notifications <-chan streamlease.Notification) {
	for n := range notifications {
		m.machine.stand()
		switch n.Kind {
		case streamlease.StreamAdded:
			m.say(timeline.Added, n.Stream, "")
			m.running.Go(func() { m.work(n.Stream) })
		case streamlease.StreamDisowned:
			m.say(timeline.Disowned, n.Stream, "")
		}
	}
}

// work processes one stream until it ends or is lost.
func (m *member) work(stream *streamlease.Stream) {
	name, token := stream.Ref().Name, stream.Token()
	position, err := m.ledger.open(name, token)
	if err != nil {
		return // somebody with a higher token was faster
	}
	m.say(timeline.Working, stream, "")
	for {
		record, err := m.feed.next(stream.Context(), name, position)
		if errors.Is(err, errEnd) {
			break
		}
		if err != nil {
			return // the stream was lost
		}
		// A machine may stop at any point. Here it hurts most: the record is
		// processed, and all that is left to do is to write the result.
		m.machine.stand()
		if err := m.ledger.write(name, token, record); err != nil {
			m.tooLate(stream, err)
			return
		}
		position++
	}
	if m.ledger.finish(name, token) == nil && stream.Done(context.Background()) == nil {
		m.say(timeline.Finished, stream, "")
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
	m.record(timeline.Event{Kind: kind, Member: m.id, Stream: stream.Ref().Name, Token: int64(stream.Token()), Note: note})
}

// close ends the member. A dead one cannot be closed, and is left as it is.
func (m *member) close(ctx context.Context) error {
	if m.machine.isDead() {
		return nil
	}
	if err := m.client.Close(ctx); err != nil {
		return err
	}
	m.running.Wait()
	m.record(timeline.Event{Kind: timeline.Left, Member: m.id})
	return nil
}
