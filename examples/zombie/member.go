package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/fence/redisfence"
)

// pausedAt is the deposit before whose writing a member stands still until it
// is told to go on. Where a process is frozen is chance, and rarely just
// between a read and its write; here it has to be.
const pausedAt = "4-0"

// word is what a member says, as one line of JSON.
type word struct {
	Kind    kind
	Token   streamlease.Token `json:",omitempty"`
	Balance int64             `json:",omitempty"`
	Text    string            `json:",omitempty"`
}

// kind is what a word is about.
type kind string

const (
	joined  kind = "joined"
	owns    kind = "owns"
	pauses  kind = "pauses" // before it writes Balance
	wrote   kind = "wrote"  // after a pause
	refusal kind = "refused"
	done    kind = "done"
	failed  kind = "failed"
)

// member is one consumer of the service, in a process of its own.
type member struct {
	account account
	writer  writer
	goOn    chan struct{} // a word of the story
	working sync.WaitGroup

	speaking sync.Mutex
	output   *json.Encoder
}

// runMember is the whole life of a member process: until the story hangs up.
func runMember(rdb *redis.Client, given arguments) error {
	account := account{rdb, given.service}
	m := &member{account: account, writer: unfenced{account}, goOn: make(chan struct{}), output: json.NewEncoder(os.Stdout)}
	if given.fenced {
		fences, err := redisfence.New(redisfence.Config{Client: rdb})
		if err != nil {
			return err
		}
		m.writer = fenced{account, fences}
	}
	ports, err := goredis.New(rdb, given.service)
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{Ports: ports, ID: given.member, TTL: ttl})
	if err != nil {
		return err
	}
	notifications, err := client.Init(context.Background())
	if err != nil {
		return errors.Join(err, client.Close(context.Background()))
	}
	m.say(word{Kind: joined})
	go m.listen(client)
	return m.follow(notifications)
}

// listen hears the story: each line is a word to go on, the end is the end.
func (m *member) listen(client *streamlease.Client) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		m.goOn <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), ttl)
	defer cancel()
	_ = client.Close(ctx)
}

func (m *member) follow(notifications <-chan streamlease.Notification) error {
	for n := range notifications {
		switch n.Kind {
		case streamlease.StreamAdded:
			m.working.Go(func() { m.work(n.Stream) })
		case streamlease.StreamTerminated:
			if !errors.Is(n.Err, streamlease.ErrClosed) {
				return n.Err
			}
		}
	}
	m.working.Wait()
	return nil
}

// work adds the deposits to the balance until there are no more, or the stream
// is lost.
func (m *member) work(stream *streamlease.Stream) {
	m.say(word{Kind: owns, Token: stream.Token()})
	err := m.addDeposits(stream)
	switch {
	case refused(err):
		m.say(word{Kind: refusal, Text: err.Error()})
	case stream.Context().Err() != nil: // lost: there is nothing to do
	case err != nil:
		m.say(word{Kind: failed, Text: err.Error()})
	case stream.Done(context.Background()) == nil:
		m.say(word{Kind: done})
	}
}

func (m *member) addDeposits(stream *streamlease.Stream) error {
	ctx, token := stream.Context(), stream.Token()
	if err := m.writer.begin(ctx, token); err != nil {
		return err
	}
	now, err := m.account.read(ctx)
	for err == nil {
		var deposit redis.XMessage
		var found bool
		if deposit, found, err = m.account.next(ctx, now.position); err != nil {
			return err
		}
		if !found {
			return m.writer.clear(ctx, token)
		}
		now.position = deposit.ID
		if now.balance, err = add(now.balance, deposit); err == nil {
			err = m.write(token, now)
		}
	}
	return err
}

func add(balance int64, deposit redis.XMessage) (int64, error) {
	text, _ := deposit.Values["amount"].(string)
	amount, err := strconv.ParseInt(text, 10, 64)
	return balance + amount, err
}

// write does not ask whether the stream is still owned: however late one asks,
// the process may be frozen just after.
func (m *member) write(token streamlease.Token, new state) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if new.position != pausedAt {
		return m.writer.write(ctx, token, new)
	}
	m.say(word{Kind: pauses, Balance: new.balance})
	<-m.goOn
	err := m.writer.write(ctx, token, new)
	if err == nil {
		m.say(word{Kind: wrote, Balance: new.balance})
	}
	return err
}

// say ignores errors: when nobody listens any more, the end is near.
func (m *member) say(w word) {
	m.speaking.Lock()
	defer m.speaking.Unlock()
	_ = m.output.Encode(w)
}
