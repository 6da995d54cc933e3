package source

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// shortWait is the longest wait in the server when it cannot be ended from
	// outside: what is delivered within it after a Fetch was cancelled is found
	// by Deliveries only.
	shortWait = 250 * time.Millisecond
	// unblockPause is the time between two tries to end a wait.
	unblockPause = 10 * time.Millisecond
)

// waiting says on which connection a Fetch waits in the server.
type waiting struct {
	mutex   sync.Mutex
	client  int64 // the server's number of the connection; 0: none waits
	stopped bool
}

// begin reports whether the wait may begin; it may not once it was stopped.
func (w *waiting) begin(client int64) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.client = client
	return !w.stopped
}

func (w *waiting) end() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.client = 0
}

func (w *waiting) stop() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.stopped = true
}

func (w *waiting) isStopped() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.stopped
}

func (w *waiting) on() int64 {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.client
}

// await waits in the server until something is announced, and returns the
// message ID of what was delivered, or none. It may end early.
func (f *fetch) await(wait time.Duration) (delivered []string, err error) {
	err = f.source.conn.Blocking.Do(f.ctx, "XREADGROUP", func(node *redis.Client) (err error) {
		connection := node.Conn()
		defer func() { _ = connection.Close() }()
		delivered, err = f.awaitOn(connection, wait)
		return err
	})
	return delivered, err
}

// awaitOn waits on a connection of its own, whose number lets others end the
// wait.
func (f *fetch) awaitOn(connection *redis.Conn, wait time.Duration) (delivered []string, err error) {
	s := f.source
	client, err := connection.ClientID(f.ctx).Result()
	if isForbidden(err) {
		s.noUnblock.Store(true)
	} else if err != nil {
		return nil, err
	}
	if s.noUnblock.Load() {
		wait = min(wait, shortWait)
	}
	if !f.waiting.begin(client) {
		return nil, nil
	}
	defer f.waiting.end()
	streams, err := connection.XReadGroup(f.ctx, &redis.XReadGroupArgs{
		Group: s.conn.Group(), Consumer: f.member.Incarnation,
		Streams: []string{s.conn.Stream(), ">"}, Count: 1,
		// BLOCK 0 would wait for ever.
		Block: max(wait, time.Millisecond),
	}).Result()
	if err != nil && !isNothing(err) {
		return nil, err
	}
	for _, stream := range streams {
		for _, message := range stream.Messages {
			delivered = append(delivered, message.ID)
		}
	}
	return delivered, nil
}

// isNothing: the wait ended without an entry, or because the group or the
// stream was deleted; the next script makes them again.
func isNothing(err error) bool {
	return errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "NOGROUP") || redis.HasErrorPrefix(err, "UNBLOCKED")
}

func isForbidden(err error) bool {
	return redis.HasErrorPrefix(err, "NOPERM") || err != nil && strings.Contains(err.Error(), "unknown command")
}

// unblock ends the wait of a Fetch that nobody waits for any more, so that it is
// not given what others could have. The wait may only just be beginning, hence
// the repetition. Should the connection serve another Fetch by then, that one
// waits again.
func (s *Source) unblock(f *fetch) {
	pause := time.NewTicker(unblockPause)
	defer pause.Stop()
	for {
		if client := f.waiting.on(); client != 0 && s.unblockClient(f.ctx, client) {
			return
		}
		select {
		case <-f.ended:
			return
		case <-pause.C:
		}
	}
}

// unblockClient reports whether there is nothing left to do.
func (s *Source) unblockClient(ctx context.Context, client int64) bool {
	var unblocked int64
	err := s.conn.Rest.Do(ctx, "CLIENT UNBLOCK", func(node *redis.Client) (err error) {
		unblocked, err = node.ClientUnblock(ctx, client).Result()
		return err
	})
	if isForbidden(err) {
		s.noUnblock.Store(true)
	}
	return err != nil || unblocked > 0
}
