package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/ports"
)

func TestASlowLeaseStoreInRealTimePasses(t *testing.T) {
	harness := &slowHarness{delay: 10 * time.Millisecond, smallestTTL: 15 * time.Millisecond}
	report := leaseStoreSuite(harness).run()
	for _, verdict := range report.Verdicts {
		assert.False(t, verdict.IsViolated(), "%v", verdict)
	}
}

func TestALeaseStoreWhoseAcquireOutlivesTheSmallestLeasesPasses(t *testing.T) {
	harness := lateHarness{&slowHarness{smallestTTL: 15 * time.Millisecond}, 20 * time.Millisecond}
	report := leaseStoreSuite(harness).run()
	for _, verdict := range report.Verdicts {
		assert.False(t, verdict.IsViolated(), "%v", verdict)
	}
}

// lateHarness makes stores that look, before they answer an Acquire, whether the
// lease is still there.
type lateHarness struct {
	*slowHarness
	acquireTakes time.Duration
}

func (h lateHarness) Open() (LeaseStoreInstance, error) {
	instance, err := h.slowHarness.Open()
	return lateInstance{instance, h.acquireTakes}, err
}

type lateInstance struct {
	LeaseStoreInstance
	acquireTakes time.Duration
}

func (i lateInstance) Handle() (ports.LeaseStore, error) {
	store, err := i.LeaseStoreInstance.Handle()
	return lateStore{store, i.acquireTakes}, err
}

type lateStore struct {
	ports.LeaseStore
	acquireTakes time.Duration
}

func (s lateStore) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	began := time.Now()
	results, err := s.LeaseStore.Acquire(ctx, member, requests, ttl)
	<-time.After(s.acquireTakes)
	if time.Since(began) >= ttl {
		for i := range results {
			if results[i].Err == nil && requests[i].Open {
				results[i] = ports.AcquireResult{Err: ports.ErrExpired}
			}
		}
	}
	return results, err
}

// slowHarness makes plain lease stores whose time is real, and of which every
// call takes longer than a lease of the smallest TTL does if it comes after
// another.
type slowHarness struct {
	mistake            leaseMistake
	delay, smallestTTL time.Duration
}

func (h *slowHarness) Limits() Limits { return Limits{SmallestTTL: h.smallestTTL} }

func (h *slowHarness) Open() (LeaseStoreInstance, error) {
	store := newPlainLeases(ports.GrantPerMember, h.mistake)
	store.realTime, store.delay = true, h.delay
	return slowInstance{&plainInstance{store}}, nil
}

// slowInstance has no Clock.
type slowInstance struct{ plain *plainInstance }

func (i slowInstance) Handle() (ports.LeaseStore, error) { return i.plain.Handle() }

func (i slowInstance) Flush() error { return i.plain.Flush() }

func (i slowInstance) Close() error { return nil }
