package simredis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/testsize"
	"github.com/streamlease/streamlease/ports"
)

// service is the name under which everything in these tests stands.
const service = "twins"

func (w *twins) newClient() *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Protocol: 2,
		Dialer: func(context.Context, string, string) (net.Conn, error) { return w.dial(), nil }})
	w.t.Cleanup(func() { require.NoError(w.t, client.Close()) })
	return client
}

func TestHistoriesOfTheNativeAdapterAreAnsweredAsARealServerDoes(t *testing.T) {
	compareHistories(t, func(client *redis.Client) (ports.LeaseStore, ports.ExpiryNotifier, error) {
		set, err := goredis.New(client, service)
		if err != nil {
			return nil, nil, err
		}
		closeLater(t, set.Source)
		return set.Leases, set.Notifier, nil
	})
}

func TestHistoriesOfRedsyncAreAnsweredAsARealServerDoes(t *testing.T) {
	compareHistories(t, func(client *redis.Client) (ports.LeaseStore, ports.ExpiryNotifier, error) {
		leases, err := redsync.NewLeases(service, client)
		require.NoError(t, err)
		notifier, err := redsync.NewNotifier(service, redsync.NotifierConfig{}, client)
		return leases, notifier, err
	})
}

func TestHistoriesOfAQuorumAreAnsweredAsARealServerDoes(t *testing.T) {
	compareHistories(t, func(client *redis.Client) (ports.LeaseStore, ports.ExpiryNotifier, error) {
		leases, err := redsync.NewLeases(service, client, client, client)
		require.NoError(t, err)
		notifier, err := redsync.NewNotifier(service, redsync.NotifierConfig{}, client)
		return leases, notifier, err
	})
}

func TestHistoriesOfRedislockAreAnsweredAsARealServerDoes(t *testing.T) {
	compareHistories(t, func(client *redis.Client) (ports.LeaseStore, ports.ExpiryNotifier, error) {
		leases, err := redislock.NewLeases(client, service)
		require.NoError(t, err)
		notifier, err := redislock.NewNotifier(client, service, redislock.NotifierConfig{})
		return leases, notifier, err
	})
}

func closeLater(t *testing.T, port any) {
	if closer, closes := port.(interface{ Close() error }); closes {
		t.Cleanup(func() { require.NoError(t, closer.Close()) })
	}
}

func compareHistories(t *testing.T, open func(*redis.Client) (ports.LeaseStore, ports.ExpiryNotifier, error)) {
	w := newTwins(t)
	client := w.newClient()
	source, err := goredis.NewSource(client, service)
	require.NoError(t, err)
	closeLater(t, source)
	leases, notifier, err := open(client)
	require.NoError(t, err)
	closeLater(t, leases)
	closeLater(t, notifier)

	checkpoints, err := goredis.NewCheckpoints(client, service)
	require.NoError(t, err)
	closeLater(t, checkpoints)
	admin, err := goredis.NewAdmin(client, service, goredis.AdminConfig{})
	require.NoError(t, err)
	closeLater(t, admin)

	h := &history{twins: w, checkpoints: checkpoints, admin: admin, source: source, leases: leases, notifier: notifier, client: client, Rand: rand.New(rand.NewPCG(7, 7))}
	w.setClock(time.UnixMicro(1_795_440_002_250_600))
	for step := range testsize.Pick(1_500, 20_000) {
		h.step()
		if step%20 == 0 {
			w.compareKeyspaces()
		}
		w.check()
	}
	w.compareKeyspaces()
	for name, count := range w.calls {
		t.Logf("%6d %s", count, name)
	}
}

// history draws calls of a few members about a few names, so that they meet.
type history struct {
	*rand.Rand
	twins    *twins
	source   *goredis.Source
	leases   ports.LeaseStore
	notifier ports.ExpiryNotifier
	client   *redis.Client

	checkpoints *goredis.Checkpoints
	admin       *goredis.Admin

	known   []ports.StreamRef // announced or, some of them, made up
	leased  []ports.Lease
	grants  []ports.GrantID
	token   ports.Token
	outage  int // steps until the memory is there again
	lastNew uint64
}

// leaseTTL is long by the real clock: the time that scripts see moves on, and
// that of the keys does not.
const leaseTTL = 30 * time.Minute

func (h *history) member() ports.Member {
	n := strconv.Itoa(h.IntN(3))
	return ports.Member{ID: "m" + n, Incarnation: "i" + n}
}

func (h *history) name() string {
	names := []string{"s1", "s2", "s3", "a:b", "nul\x00nul", "späße \"q\"", "line\nbreak"}
	return names[h.IntN(len(names))]
}

func (h *history) ref() ports.StreamRef {
	if len(h.known) == 0 || h.IntN(10) == 0 {
		return ports.StreamRef{Name: h.name(), MessageID: fmt.Sprintf("%d-%d", h.twins.clock.UnixMilli(), h.IntN(5))}
	}
	return h.known[len(h.known)-1-h.IntN(min(len(h.known), 8))]
}

func (h *history) refs() (refs []ports.StreamRef) {
	for range 1 + h.IntN(4) {
		refs = append(refs, h.ref())
	}
	return refs
}

// step does one thing. What it answers does not matter: the requests behind it
// are compared.
func (h *history) step() {
	steps := []func(context.Context){
		h.announce, h.announce, h.announceNonsense, h.fetch, h.fetch, h.deliveries, h.take, h.take, h.take, h.settle, h.settle,
		h.sweep, h.heartbeat, h.acquire, h.acquire, h.acquire, h.renew, h.page, h.release, h.inspect, h.watch, h.publish,
		h.meddle, h.forgetScripts, h.fill, h.passTime, h.passTime, h.check,
		h.load, h.save, h.finish, h.operate, h.operate,
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	steps[h.IntN(len(steps))](ctx)
	if h.outage--; h.outage == 0 {
		h.setMemory(true)
	}
}

func (h *history) passTime(context.Context) {
	by := []time.Duration{time.Microsecond, time.Millisecond, time.Second, 20 * time.Second, leaseTTL + time.Minute}
	h.twins.setClock(h.twins.clock.Add(by[h.IntN(len(by))]))
}

func (h *history) announce(ctx context.Context) {
	info := ports.Info(nil)
	if h.IntN(2) == 0 {
		info = ports.Info(`{"big":12345678901234567890,"text":"\u00e4\n"}`)
	}
	results, _ := h.source.Announce(ctx, []ports.Assignment{{Ref: ports.StreamRef{Name: h.name()}, Info: info}})
	if results[0].Err == nil {
		h.known = append(h.known, results[0].Ref)
	}
}

// announceNonsense adds entries that are no assignments.
func (h *history) announceNonsense(ctx context.Context) {
	values := [][]string{{"lbs-input", "{"}, {"other", "x"}, {"lbs-input", `{"DataStreamName":""}`}, {"lbs-input", "\xff/\x7f", "more", "y"}}
	_ = h.client.XAdd(ctx, &redis.XAddArgs{Stream: service + "-input", Values: values[h.IntN(len(values))]})
}

func (h *history) fetch(ctx context.Context) {
	_, _ = h.source.Fetch(ctx, h.member(), 1+h.IntN(4), 0)
}

func (h *history) deliveries(ctx context.Context) {
	_, _ = h.source.Deliveries(ctx, h.member(), "", 1+h.IntN(5))
}

func (h *history) newToken() ports.Token {
	h.token += ports.Token(h.IntN(3))
	return h.token + ports.Token(h.IntN(3)) - 1
}

func (h *history) stableAfter() time.Duration {
	return []time.Duration{0, time.Second, time.Hour}[h.IntN(3)]
}

func (h *history) take(ctx context.Context) {
	var requests []ports.TakeRequest
	for _, ref := range h.refs() {
		requests = append(requests, ports.TakeRequest{Ref: ref, Token: max(h.newToken(), 1), StableAfter: h.stableAfter()})
	}
	_, _ = h.source.Take(ctx, h.member(), requests)
}

func (h *history) settle(ctx context.Context) {
	outcomes := []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined}
	var settlements []ports.Settlement
	for _, ref := range h.refs() {
		settlements = append(settlements, ports.Settlement{Ref: ref, Token: max(h.token+1-ports.Token(h.IntN(3)), 1), Outcome: outcomes[h.IntN(4)],
			Reason: "because / of \"ä\"\x01", RetryIn: time.Duration(h.IntN(3)) * time.Second, StableAfter: h.stableAfter()})
	}
	_, _ = h.source.Settle(ctx, h.member(), settlements)
}

func (h *history) sweep(ctx context.Context) {
	_, _ = h.source.Sweep(ctx, h.member(), ports.SweepRequest{Limit: 1 + h.IntN(5), Interval: time.Second, PerSecond: 1000})
}

func (h *history) heartbeat(ctx context.Context) {
	_, _ = h.source.Heartbeat(ctx, ports.Beat{Member: h.member(), HasRoom: h.IntN(2) == 0, Owned: int64(h.IntN(3)),
		Expiry: 10 * time.Second, Leaving: h.IntN(5) == 0})
}

func (h *history) grant() ports.GrantID {
	if len(h.grants) == 0 || h.IntN(4) == 0 {
		var id ports.GrantID
		h.lastNew++
		id[0], id[1], id[15] = byte(h.lastNew>>8), byte(h.lastNew), 1
		h.grants = append(h.grants, id)
	}
	return h.grants[len(h.grants)-1-h.IntN(min(len(h.grants), 6))]
}

func (h *history) acquire(ctx context.Context) {
	var requests []ports.AcquireRequest
	open := h.IntN(3) > 0
	for _, ref := range h.refs() {
		requests = append(requests, ports.AcquireRequest{Ref: ref, Grant: h.grant(), Open: open, Floor: h.token})
	}
	results, _ := h.leases.Acquire(ctx, h.member(), requests, leaseTTL)
	for i, result := range results {
		if result.Err == nil {
			h.leased = append(h.leased, ports.Lease{Ref: requests[i].Ref, Grant: requests[i].Grant, Token: result.Token})
		}
	}
}

func (h *history) renew(ctx context.Context) {
	_, _ = h.leases.Renew(ctx, []ports.GrantID{h.grant(), h.grant()}, leaseTTL)
}

func (h *history) page(ctx context.Context) { _, _ = h.leases.Leases(ctx, h.grant(), "", 1+h.IntN(3)) }

func (h *history) release(ctx context.Context) {
	if len(h.leased) == 0 {
		return
	}
	lease := h.leased[h.IntN(len(h.leased))]
	if h.IntN(5) == 0 {
		lease.Token++
	}
	_, _ = h.leases.Release(ctx, []ports.ReleaseRequest{{Lease: lease, EndGrant: h.IntN(2) == 0}})
}

func (h *history) inspect(ctx context.Context) {
	_, _ = h.leases.Inspect(ctx, []string{h.name(), h.name()})
}

// watch looks once for what has expired.
func (h *history) watch(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looked := h.twins.looked()
	go func() {
		for h.twins.looked() == looked && ctx.Err() == nil {
			time.Sleep(100 * time.Microsecond)
		}
		cancel()
	}()
	_ = h.notifier.Watch(ctx, func([]ports.Hint) {})
}

func (w *twins) looked() (times int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for name, count := range w.calls {
		if strings.HasPrefix(name, "Finds ") {
			times += count
		}
	}
	return times
}

func (h *history) publish(ctx context.Context) {
	_ = h.notifier.Publish(ctx, []ports.Hint{{Kind: ports.HintName, Ref: h.ref()}})
}

func (h *history) check(ctx context.Context) {
	for _, port := range []any{h.source, h.leases, h.notifier} {
		if checker, checks := port.(ports.Checker); checks {
			_, _ = checker.Check(ctx)
		}
	}
}

func (h *history) forgetScripts(ctx context.Context) { _ = h.client.ScriptFlush(ctx) }
