package memory_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

// watch collects the hints of one Watch in a bubble of testing/synctest, in
// which synctest.Wait says that all of them have arrived.
type watch struct {
	stop  context.CancelFunc
	ended chan error

	mu    sync.Mutex
	hints []ports.Hint
	// hold makes deliver wait, while it is not nil.
	hold chan struct{}
}

func startWatch(t *testing.T, notifier ports.ExpiryNotifier) *watch {
	ctx, cancel := context.WithCancel(t.Context())
	w := &watch{stop: cancel, ended: make(chan error, 1)}
	go func() { w.ended <- notifier.Watch(ctx, w.deliver) }()
	synctest.Wait()
	return w
}

func (w *watch) deliver(hints []ports.Hint) {
	w.mu.Lock()
	w.hints = append(w.hints, hints...)
	hold := w.hold
	w.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

// holdUp makes the next delivery wait until the function that it returns is
// called.
func (w *watch) holdUp() (letGo func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hold := make(chan struct{})
	w.hold = hold
	return func() { close(hold) }
}

// heard returns what came since it was last asked, without ages.
func (w *watch) heard() (heard []ports.Hint) {
	for _, hint := range w.heardWithAges() {
		heard = append(heard, hint.WithoutAge())
	}
	return heard
}

func (w *watch) heardWithAges() []ports.Hint {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	heard := w.hints
	w.hints = nil
	return heard
}

var gap = ports.Hint{Kind: ports.HintGap}

func nameHint(name string) ports.Hint {
	return ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: name}}
}

func newService(t *testing.T, config memory.Config) *memory.Service {
	t.Helper()
	service, err := memory.New(config)
	require.NoError(t, err)
	return service
}

func TestWatchBeginsWithAGapAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := startWatch(t, newService(t, memory.Config{}).Ports().Notifier)
		require.Equal(t, []ports.Hint{gap}, w.heard())
		w.stop()
		require.NoError(t, <-w.ended)
	})
}

func TestPublishReachesEveryWatchAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier := newService(t, memory.Config{}).Ports().Notifier
		first, second := startWatch(t, notifier), startWatch(t, notifier)
		first.heard()
		second.heard()
		hints := []ports.Hint{
			nameHint("a: \x00\n*"),
			{Kind: ports.HintHandOff, Ref: ref("b")},
			{Kind: ports.HintGrant, Grant: ports.GrantID{7}},
		}
		require.NoError(t, notifier.Publish(t.Context(), hints))
		require.Equal(t, hints, first.heard())
		require.Equal(t, hints, second.heard())
	})
}

func TestAnEndedWatchHearsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier := newService(t, memory.Config{}).Ports().Notifier
		w := startWatch(t, notifier)
		w.heard()
		w.stop()
		require.NoError(t, <-w.ended)
		require.NoError(t, notifier.Publish(t.Context(), []ports.Hint{nameHint("a")}))
		require.Empty(t, w.heard())
	})
}

func TestWhatASlowReceiverMissesIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier := newService(t, memory.Config{HintBuffer: 2}).Ports().Notifier
		w := startWatch(t, notifier)
		w.heard()
		letGo := w.holdUp()
		require.NoError(t, notifier.Publish(t.Context(), []ports.Hint{nameHint("held")}))
		require.Equal(t, []ports.Hint{nameHint("held")}, w.heard())
		for _, name := range []string{"a", "b", "c"} {
			require.NoError(t, notifier.Publish(t.Context(), []ports.Hint{nameHint(name)}))
		}
		letGo()
		require.Equal(t, []ports.Hint{gap, nameHint("a"), nameHint("b")}, w.heard())
	})
}

func TestALostSessionIsOneHintAndALostSingleLeaseARef(t *testing.T) {
	for _, row := range []struct {
		shape ports.GrantShape
		hints func(leases []ports.Lease) []ports.Hint
	}{
		{ports.GrantPerMember, func(leases []ports.Lease) []ports.Hint {
			return []ports.Hint{{Kind: ports.HintGrant, Grant: leases[0].Grant}}
		}},
		{ports.GrantPerLease, func(leases []ports.Lease) []ports.Hint {
			return []ports.Hint{{Kind: ports.HintRef, Ref: leases[0].Ref}, {Kind: ports.HintRef, Ref: leases[1].Ref}}
		}},
	} {
		t.Run(row.shape.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := newService(t, memory.Config{Shape: row.shape})
				s := &leaseStory{t: t, shape: row.shape, store: service.Ports().Leases}
				first, second := startWatch(t, service.Ports().Notifier), startWatch(t, service.Ports().Notifier)
				first.heard()
				second.heard()

				leases := []ports.Lease{s.acquired(alice, "a")}
				if row.shape == ports.GrantPerMember {
					leases = append(leases, s.joined(alice, "b", leases[0].Grant))
				} else {
					leases = append(leases, s.acquired(alice, "b"))
				}
				time.Sleep(ttl - time.Millisecond)
				require.Empty(t, first.heard(), "nothing has expired")
				time.Sleep(time.Millisecond + 50*time.Millisecond)
				require.Equal(t, row.hints(leases), first.heard())
				require.Equal(t, row.hints(leases), second.heard(), "each Watch looks by itself")
				time.Sleep(time.Minute)
				require.Empty(t, first.heard(), "what was told is not told again")

				late := startWatch(t, service.Ports().Notifier)
				require.Equal(t, append([]ports.Hint{gap}, row.hints(leases)...), late.heard(),
					"whoever comes later hears of what is still left behind")
				later := startWatch(t, service.Ports().Notifier).heardWithAges()
				require.Equal(t, time.Minute+50*time.Millisecond, later[1].Age)
				for _, lease := range leases {
					s.release(ports.ReleaseRequest{Lease: lease})
				}
				require.Equal(t, []ports.Hint{gap}, startWatch(t, service.Ports().Notifier).heard())
			})
		})
	}
}

func TestWhatWasReleasedInTimeIsNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newService(t, memory.Config{})
		s := &leaseStory{t: t, store: service.Leases}
		w := startWatch(t, service.Notifier)
		w.heard()
		s.release(ports.ReleaseRequest{Lease: s.acquired(alice, "a")})
		time.Sleep(2 * ttl)
		require.Empty(t, w.heard())
	})
}

func TestManyLostGrantsAllArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newService(t, memory.Config{Shape: ports.GrantPerLease})
		const many = 2500
		for i := range many {
			name := string(rune('\u4e00' + i))
			results, err := service.Leases.Acquire(t.Context(), alice, []ports.AcquireRequest{
				{Ref: ref(name), Grant: ports.GrantID{byte(i), byte(i >> 8)}, Open: true},
			}, ttl)
			require.NoError(t, err)
			require.NoError(t, results[0].Err)
		}
		w := startWatch(t, service.Notifier)
		w.heard()
		time.Sleep(ttl + 50*time.Millisecond)
		require.Len(t, w.heard(), many)
	})
}

func TestANotifierForAForeignLeaseStoreOnlyRelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, err := memory.NewNotifier(memory.Config{}, nil)
		require.NoError(t, err)
		w := startWatch(t, notifier)
		require.Equal(t, []ports.Hint{gap}, w.heard())
		require.NoError(t, notifier.Publish(t.Context(), []ports.Hint{nameHint("a")}))
		time.Sleep(time.Minute)
		require.Equal(t, []ports.Hint{nameHint("a")}, w.heard())
	})
}
