package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

// plainHarness makes plain lease stores that can do all that a harness may.
type plainHarness struct {
	shape   ports.GrantShape
	mistake leaseMistake
	shared  *plainInstance // what storesShareAll makes of every store
}

func newPlainHarness(shape ports.GrantShape, mistake leaseMistake) *plainHarness {
	return &plainHarness{shape: shape, mistake: mistake, shared: &plainInstance{newPlainLeases(shape, mistake)}}
}

func (h *plainHarness) Limits() Limits {
	return Limits{SmallestTTL: 10 * time.Second, ClockStep: time.Nanosecond}
}

func (h *plainHarness) Open() (LeaseStoreInstance, error) {
	if h.mistake == storesShareAll {
		return h.shared, nil
	}
	return &plainInstance{newPlainLeases(h.shape, h.mistake)}, nil
}

type plainInstance struct{ store *plainLeases }

func (i *plainInstance) Handle() (ports.LeaseStore, error) { return i.HandleWith(0) }

func (i *plainInstance) HandleWith(mishap Mishap) (ports.LeaseStore, error) {
	return &plainHandle{store: i.store, mishap: mishap, cache: map[string]ports.InspectResult{}}, nil
}

func (i *plainInstance) Close() error { return nil }

// under changes the store as its operator does.
func (i *plainInstance) under(change func(s *plainLeases)) error {
	i.store.mu.Lock()
	defer i.store.mu.Unlock()
	change(i.store)
	return nil
}

func (i *plainInstance) Advance(by time.Duration) {
	_ = i.under(func(s *plainLeases) { s.now = s.now.Add(by) })
}

func (i *plainInstance) Flush() error { return i.under((*plainLeases).empty) }

func (i *plainInstance) Restart() error {
	return i.under(func(s *plainLeases) {
		if s.has(losesTheCounterInARestart) {
			s.counter -= 10_000_000
			s.now = s.now.Add(-time.Minute)
		}
	})
}

func (i *plainInstance) Refuse() error  { return i.under(func(s *plainLeases) { s.refuses = true }) }
func (i *plainInstance) Accept() error  { return i.under(func(s *plainLeases) { s.refuses = false }) }
func (i *plainInstance) Exhaust() error { return i.under(func(s *plainLeases) { s.full = true }) }
func (i *plainInstance) Relieve() error { return i.under(func(s *plainLeases) { s.full = false }) }

func (i *plainInstance) Deliver() error {
	i.store.mu.Lock()
	late := i.store.late
	i.store.late = nil
	i.store.mu.Unlock()
	for _, execute := range late {
		execute()
	}
	return nil
}

func (i *plainInstance) Keys() ([]string, error) {
	return []string{"names", "grants", "counter"}, nil
}

func (i *plainInstance) DeleteKey(key string) error {
	return i.under(func(s *plainLeases) {
		s.damaged = true
		fresh := newPlainLeases(s.shape, s.mistake)
		switch key {
		case "names":
			s.names = fresh.names
		case "grants":
			s.grants = fresh.grants
		case "counter":
			s.counter = 0
		}
	})
}
