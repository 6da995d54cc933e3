package main

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

// feed is the data streams themselves: what a producer writes and the stream's
// owner reads. With Redis each is a stream of its own. A record is its number.
type feed struct {
	mu      sync.Mutex
	length  map[string]int
	ended   bool
	changed chan struct{} // closed, and replaced, with every change
}

// errEnd: the stream has no more records, and never will have.
var errEnd = errors.New("end of stream")

func newFeed() *feed { return &feed{length: map[string]int{}, changed: make(chan struct{})} }

// grow adds a record to each stream a few times a second.
func (f *feed) grow(ctx context.Context) {
	ticker := time.NewTicker(150 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f.change(func() {
				for stream := range f.length {
					f.length[stream]++
				}
			})
		case <-ctx.Done():
			return
		}
	}
}

// open makes an empty stream.
func (f *feed) open(stream string) { f.change(func() { f.length[stream] = 0 }) }

// end is the end of all streams.
func (f *feed) end() { f.change(func() { f.ended = true }) }

func (f *feed) change(apply func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return
	}
	apply()
	close(f.changed)
	f.changed = make(chan struct{})
}

// next waits for the record at the position.
func (f *feed) next(ctx context.Context, stream string, position int) (record int, err error) {
	for {
		length, ended, changed := f.look(stream)
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case position < length:
			return position, nil
		case ended:
			return 0, errEnd
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

func (f *feed) look(stream string) (length int, ended bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.length[stream], f.ended, f.changed
}

// lengths is how many records each stream has.
func (f *feed) lengths() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.length)
}
