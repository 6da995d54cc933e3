package conformance

import (
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
