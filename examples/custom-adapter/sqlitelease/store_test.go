package sqlitelease

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var alice = ports.Member{ID: "alice", Incarnation: "alice-1"}

func ref(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: "1-1"} }

// open makes a store with one lease in it.
func open(t *testing.T) (*Store, *clock, ports.Lease) {
	t.Helper()
	clock := newClock()
	store, err := Open(filepath.Join(t.TempDir(), "leases with spaces?.db"), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	lease := ports.Lease{Ref: ref("held"), Grant: ports.GrantID{1}}
	results, err := store.Acquire(t.Context(), alice, []ports.AcquireRequest{{Ref: lease.Ref, Grant: lease.Grant, Open: true}}, time.Minute)
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results)
	}
	lease.Token = results[0].Token
	return store, clock, lease
}

// The suite cannot lock a file. Another process can.
func TestACallThatWaitsForAnotherProcessEndsByItsCtx(t *testing.T) {
	store, clock, lease := open(t)
	other, err := Open(store.path, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Renew(ctx, []ports.GrantID{lease.Grant}, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Renew while another process has the file answers %v", err)
	}
	if held, err := store.Inspect(t.Context(), []string{"held"}); err != nil || !held[0].Held {
		t.Errorf("reading must go on while another process writes: %v, %v", held, err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if renewed, err := store.Renew(t.Context(), []ports.GrantID{lease.Grant}, time.Minute); err != nil || renewed[0].Err != nil {
		t.Errorf("Renew when the file is free again: %v, %v", renewed, err)
	}
}

func TestAFullDiskIsADefiniteNo(t *testing.T) {
	store, _, lease := open(t)
	if _, err := store.db.Exec(`PRAGMA max_page_count = 1`); err != nil { // the pages in use, and no more
		t.Fatal(err)
	}
	requests := make([]ports.AcquireRequest, 1000)
	for i := range requests {
		requests[i] = ports.AcquireRequest{Ref: ref(fmt.Sprint(i)), Grant: lease.Grant}
	}
	_, err := store.Acquire(t.Context(), alice, requests, time.Minute)
	var refused *ports.RefusedError
	if !errors.As(err, &refused) || refused.Advice == "" || refused.Server != store.path {
		t.Fatalf("Acquire with a full disk answers %v", err)
	}
	renewed, err := store.Renew(t.Context(), []ports.GrantID{lease.Grant}, time.Minute)
	if err != nil || renewed[0].Tally != (ports.Tally{Change: 1, Count: 1}) {
		t.Errorf("what was refused must be undone as a whole: %v, %v", renewed, err)
	}
}

func TestWhatIsOverStaysOverWhenTheClockIsSetBack(t *testing.T) {
	store, clock, lease := open(t)
	clock.Advance(time.Minute)
	if renewed, err := store.Renew(t.Context(), []ports.GrantID{lease.Grant}, time.Minute); err != nil || !errors.Is(renewed[0].Err, ports.ErrExpired) {
		t.Fatal(renewed, err)
	}
	clock.Advance(-30 * time.Second)
	if renewed, err := store.Renew(t.Context(), []ports.GrantID{lease.Grant}, time.Minute); err != nil || !errors.Is(renewed[0].Err, ports.ErrExpired) {
		t.Errorf("a grant that was over is renewed: %v, %v", renewed, err)
	}
	if held, err := store.Inspect(t.Context(), []string{"held"}); err != nil || held[0].Held {
		t.Errorf("a lease that was over is held: %v, %v", held, err)
	}
}
