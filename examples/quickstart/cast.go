package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/timeline"
)

// announce puts the streams with these numbers on the load-balancer stream.
func (s *story) announce(ctx context.Context, first, last int) error {
	var assignments []streamlease.Assignment
	for i := first; i <= last; i++ {
		name := fmt.Sprintf("order-%02d", i)
		s.feed.open(name)
		s.Record(timeline.Event{Kind: timeline.Announced, Stream: name})
		assignments = append(assignments, streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
	}
	_, err := s.publisher.Announce(ctx, assignments...)
	return err
}

func (s *story) member(id string) *member {
	for _, member := range s.members {
		if member.id == id {
			return member
		}
	}
	panic("the story has no member " + id)
}

var errTooLong = errors.New("it takes too long; is this machine very busy?")

// until waits until the facts are as wanted, but not for ever.
func (s *story) until(ctx context.Context, wanted func(timeline.Facts) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errTooLong)
	defer cancel()
	return s.Until(ctx, func() bool { return wanted(s.Facts()) })
}

// allWork: every stream has an owner that works on it, or is finished.
func allWork(facts timeline.Facts) bool {
	for _, stream := range facts.Streams {
		if owner, owned := stream.Owner(); stream.FinishedBy == "" && (!owned || !owner.Working) {
			return false
		}
	}
	return true
}

// spread is how many streams the members own that live.
func (s *story) spread() (least, most int, text string) {
	facts := s.Facts()
	var each []string
	for _, member := range facts.Members {
		if member.State == timeline.Killed {
			continue
		}
		owned := len(facts.OwnedBy(member.Name))
		if len(each) == 0 {
			least = owned
		}
		least, most = min(least, owned), max(most, owned)
		each = append(each, fmt.Sprintf("%s owns %d", member.Name, owned))
	}
	return least, most, strings.Join(each, ", ")
}

// lostBy counts the streams that others took over from the member while it was
// frozen.
func (s *story) lostBy(member string) int {
	lost := 0
	for _, takeover := range s.Facts().Takeovers() {
		if takeover.From == member && takeover.Kind == timeline.Frozen {
			lost++
		}
	}
	return lost
}

// zombieWasRefused checks what became of the late writes and Dones.
func (s *story) zombieWasRefused(lost int) error {
	facts := s.Facts()
	if refused := facts.Count(timeline.Refused); refused != lost {
		return fmt.Errorf("each of the %d late writes should be refused, but %d were", lost, refused)
	}
	for _, done := range facts.Of(timeline.LateDone) {
		if !strings.Contains(done.Note, streamlease.ErrDisowned.Error()) {
			return fmt.Errorf("a late Done of %s should be ErrDisowned, but is %q", done.Stream, done.Note)
		}
	}
	return nil
}

// pause gives people time to read.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
