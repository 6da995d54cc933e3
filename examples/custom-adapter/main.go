// Command custom-adapter runs two members whose leases are in an SQLite file:
// a lease store of one's own, see the package sqlitelease. Nothing is needed
// but Go.
//
//	go run .
//
// Alice takes what is announced; then her lease file is taken away from her.
// She stops by herself before her leases are over, and bob goes on, with higher
// tokens. docs/writing-an-adapter.md says how such a store is written.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/examples/custom-adapter/sqlitelease"
	"github.com/streamlease/streamlease/ports"
)

// ttl is short, because a story wants to go on. Ten seconds are usual.
const ttl = 3 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "custom-adapter:", err)
		os.Exit(1)
	}
}

// run tells the story in lines.
func run(ctx context.Context, lines io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "custom-adapter")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	source, err := memory.NewSource(memory.Config{})
	if err != nil {
		return err
	}
	story := &story{
		lines:  lines,
		source: source,
		file:   filepath.Join(folder, "leases.db"),
		heard:  make(chan heard),
	}
	return story.tell(ctx)
}

// story is what the two members share, and what the application does.
type story struct {
	lines  io.Writer
	source *memory.Source
	file   string
	heard  chan heard
}

// heard is what a member was told.
type heard struct {
	member *member
	streamlease.Notification
}

func (s *story) tell(ctx context.Context) error {
	alice, err := s.join(ctx, "alice")
	if err != nil {
		return err
	}
	publisher := streamlease.NewPublisher(s.source)
	names := []string{"order-1", "order-2", "order-3"}
	for _, name := range names {
		if _, err := publisher.Announce(ctx, streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}}); err != nil {
			return err
		}
	}
	if err := s.until(ctx, func() bool { return len(alice.owned) == len(names) }); err != nil {
		return err
	}
	bob, err := s.join(ctx, "bob")
	if err != nil {
		return err
	}
	s.say("alice's lease file is taken away")
	if err := alice.store.Close(); err != nil {
		return err
	}
	for finished := 0; finished < len(names); {
		if err := s.until(ctx, func() bool { return len(bob.owned) > 0 && len(alice.owned) == 0 }); err != nil {
			return err
		}
		finished += bob.finish(ctx)
	}
	return errors.Join(alice.close(ctx), bob.close(ctx))
}

// until waits until the facts are as wanted.
func (s *story) until(ctx context.Context, wanted func() bool) error {
	for !wanted() {
		select {
		case heard := <-s.heard:
			if heard.Kind == streamlease.StreamTerminated {
				return fmt.Errorf("%s has ended: %w", heard.member.name, heard.Err)
			}
			heard.member.hear(heard.Notification)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.lines, format+"\n", args...) }

// member is one consumer. Usually it is a process of its own.
type member struct {
	name   string
	story  *story
	store  *sqlitelease.Store
	client *streamlease.Client
	owned  map[string]*streamlease.Stream
	left   chan struct{}
}

// join starts a member with a lease store of its own on the common file. Any
// other ports go with it; without a notifier the sweep finds what is free.
func (s *story) join(ctx context.Context, name string) (*member, error) {
	store, err := sqlitelease.Open(s.file, time.Now)
	if err != nil {
		return nil, err
	}
	client, err := streamlease.New(streamlease.Config{
		Ports:         ports.Set{Source: s.source, Leases: store},
		ID:            name,
		TTL:           ttl,
		SweepInterval: time.Second,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	notifications, err := client.Init(ctx)
	if err != nil {
		return nil, err
	}
	s.say("%s has joined", name)
	m := &member{name: name, story: s, store: store, client: client, owned: map[string]*streamlease.Stream{}, left: make(chan struct{})}
	go m.listen(notifications)
	return m, nil
}

func (m *member) listen(notifications <-chan streamlease.Notification) {
	for n := range notifications {
		select {
		case m.story.heard <- heard{m, n}:
		case <-m.left:
		}
	}
}

func (m *member) hear(n streamlease.Notification) {
	switch n.Kind {
	case streamlease.StreamAdded:
		m.story.say("%s owns %s with token %d", m.name, n.Ref.Name, n.Token)
		m.owned[n.Ref.Name] = n.Stream
	case streamlease.StreamDisowned:
		m.story.say("%s has stopped with %s", m.name, n.Ref.Name)
		delete(m.owned, n.Ref.Name)
	}
}

// finish ends the work on all that the member owns, and says how many it was.
// What was lost a moment ago is not done: it comes again, to somebody.
func (m *member) finish(ctx context.Context) (finished int) {
	for name, stream := range m.owned {
		if err := stream.Done(ctx); err != nil {
			m.story.say("%s could not finish %s: %v", m.name, name, err)
		} else {
			m.story.say("%s has finished %s", m.name, name)
			finished++
		}
		delete(m.owned, name)
	}
	return finished
}

func (m *member) close(ctx context.Context) error {
	close(m.left)
	err := m.client.Close(ctx)
	m.story.say("%s has left", m.name)
	return err
}
