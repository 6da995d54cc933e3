package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// running lists the members that are neither dead nor frozen.
func (s *story) running() []string {
	var names []string
	for _, member := range s.Facts().Members {
		if member.State == timeline.Joined || member.State == timeline.Woken {
			names = append(names, member.Name)
		}
	}
	return names
}

func (s *story) allAreDead() bool {
	for _, process := range s.processes {
		select {
		case <-process.exited:
		default:
			return false
		}
	}
	return true
}

// pick chooses a member for what comes next, another than the wanted one when a
// user was faster and has killed that.
func (s *story) pick(wanted string) (string, error) {
	running := s.running()
	if len(running) < 2 {
		return "", errors.New("only one member is left, so nobody could take over from it")
	}
	if slices.Contains(running, wanted) {
		return wanted, nil
	}
	return running[len(running)-1], nil
}

var errTooLong = errors.New("it takes too long; is this machine very busy, or Redis gone?")

// until waits until the facts are as wanted, but not for ever, and not when a
// member has failed.
func (s *story) until(ctx context.Context, wanted func(timeline.Facts) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errTooLong)
	defer cancel()
	var failed []timeline.Event
	err := s.Until(ctx, func() bool {
		facts := s.Facts()
		failed = facts.Of(timeline.Failed)
		return len(failed) > 0 || wanted(facts)
	})
	if len(failed) > 0 {
		return fmt.Errorf("%s failed: %s", failed[0].Member, failed[0].Note)
	}
	return err
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
	for i, name := range s.running() {
		owned := len(facts.OwnedBy(name))
		if i == 0 {
			least = owned
		}
		least, most = min(least, owned), max(most, owned)
		each = append(each, fmt.Sprintf("%s owns %d", name, owned))
	}
	return least, most, strings.Join(each, ", ")
}

func (s *story) lateDonesWereRefused() error {
	for _, done := range s.Facts().Of(timeline.LateDone) {
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
