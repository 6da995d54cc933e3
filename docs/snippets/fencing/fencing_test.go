// Package fencing_test is the code of docs/fencing.md.
package fencing_test

import (
	"context"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
)

var (
	fences *redisfence.Fences
	total  int
)

// Handle is what a client runs.
var Handle streamlease.Handler = process

func process(ctx context.Context, s *streamlease.Stream) error {
	fence := "{" + s.Ref().Name + "}:fence"
	if err := fences.Raise(ctx, fence, s.Token()); err != nil {
		return err
	}
	// … read what is there, and for each change:
	_, err := fences.Do(ctx, fence, s.Token(),
		redisfence.Command{"SET", redisfence.Key("{" + s.Ref().Name + "}:total"), total})
	return err
}
