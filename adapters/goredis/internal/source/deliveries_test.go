package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestDeliveriesListsWhatWasDeliveredOrTakenAndNotSettled(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("delivered", "taken", "done", "failed", "stolen", "bob's")
	f.fetch(alice, 5)
	f.fetch(bob, 1)
	for _, ref := range refs[1:5] {
		require.NoError(t, f.take(alice, ref, 7).Err)
	}
	f.end(alice, refs[2], 7, ports.Done)
	f.end(alice, refs[3], 7, ports.Failed)
	f.take(bob, refs[4], 8)
	f.take(bob, refs[5], 9)
	f.take(alice, refs[5], 10)

	page := f.deliveries(alice)
	info := ports.Info(`{"n":1}`)
	require.Equal(t, []ports.Delivery{
		{Assignment: ports.Assignment{Ref: refs[0], Info: info}},
		{Assignment: ports.Assignment{Ref: refs[1], Info: info}, Token: 7, Taken: true},
		{Assignment: ports.Assignment{Ref: refs[5], Info: info}, Token: 10, Taken: true},
	}, page.Deliveries)
	require.Equal(t, ports.Tally{Change: 8, Count: 2}, page.Taken)
	require.Equal(t, []ports.StreamRef{refs[4]}, deliveredRefs(f.deliveries(bob)))
	require.Empty(t, f.deliveries(carol).Deliveries)
}

func TestDeliveriesPagesInOrderAndFromAnyMessageID(t *testing.T) {
	f := newFixture(t)
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprint(i))
	}
	refs := f.announce(names...)
	f.fetch(alice, 25)
	for i := 0; i < 25; i += 2 {
		f.take(alice, refs[i], 7)
	}
	for i := 0; i < 25; i += 4 {
		f.end(alice, refs[i], 7, ports.HandedOff)
	}
	var want []ports.StreamRef
	for i, ref := range refs {
		if i%4 != 0 {
			want = append(want, ref)
		}
	}
	var got []ports.StreamRef
	for _, delivery := range f.allDeliveries(alice, 3) {
		got = append(got, delivery.Assignment.Ref)
	}
	require.Equal(t, want, got)

	page, err := f.Deliveries(f.ctx, alice, refs[20].MessageID, 100)
	require.NoError(t, err)
	require.Equal(t, refs[21:24], deliveredRefs(page))
	_, err = f.Deliveries(f.ctx, alice, "nonsense", 100)
	require.ErrorIs(t, err, ports.ErrRefused)
}

func TestPagesOfDeliveriesAreBoundedInBytes(t *testing.T) {
	f := newFixture(t)
	padding := strings.Repeat("x", 900<<10)
	const count = 7
	for i := range count {
		f.addRaw("lbs-input", fmt.Sprintf(`{"unknown":%q,"DataStreamName":"%d"}`, padding, i))
	}
	require.Len(t, f.fetchAll(alice), count)
	first, err := f.Deliveries(f.ctx, alice, "", 1000)
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	second, err := f.Deliveries(f.ctx, alice, first.Next, 1000)
	require.NoError(t, err)
	require.Empty(t, second.Next)
	require.Len(t, append(first.Deliveries, second.Deliveries...), count)
}

func TestDeliveriesSurviveTheLossOfTheGroup(t *testing.T) {
	f := newFixture(t)
	// More than are put back by one script.
	const count = 3 * restorePage
	names := make([]string, count)
	requests := make([]ports.TakeRequest, count)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	for i, ref := range f.announce(names...) {
		requests[i] = ports.TakeRequest{Ref: ref, Token: 7}
	}
	f.fetchAll(alice)
	_, err := f.Take(f.ctx, alice, requests)
	require.NoError(t, err)
	require.NoError(t, f.redis.XGroupDestroy(f.ctx, f.conn.Stream(), f.conn.Group()).Err())

	deliveries := f.allDeliveries(alice, count)
	require.Len(t, deliveries, count)
	for i, delivery := range deliveries {
		require.Equal(t, requests[i].Ref, delivery.Assignment.Ref)
		require.True(t, delivery.Taken)
	}
	require.Zero(t, f.beat(alice).Backlog)
	require.Empty(t, f.fetch(bob, 10).Assignments)
	require.Equal(t, deliveries, f.allDeliveries(alice, count), "though the new group delivered it all again, to bob")
	require.Empty(t, f.allDeliveries(bob, count))
	swept := 0
	for swept < count {
		page := f.sweep(ports.SweepRequest{Limit: count})
		require.EqualValues(t, 1, page.RoundNumber)
		swept += len(page.Round)
	}
}

func TestAMalformedDeliveryIsQuarantinedWhenItIsMet(t *testing.T) {
	f := newFixture(t)
	good := f.announce("good")[0]
	f.fetch(alice, 1)
	bad := f.addRaw("lbs-input", "junk")
	// Delivered by a member that died before it looked at it.
	require.NoError(t, f.redis.Do(f.ctx, "XREADGROUP", "GROUP", f.conn.Group(), "alice", "STREAMS", f.conn.Stream(), ">").Err())
	require.Equal(t, []ports.StreamRef{good}, deliveredRefs(f.deliveries(alice)))
	evidence, payload := f.quarantined(bad)
	require.Equal(t, "junk", payload)
	require.Equal(t, errNotJSON.Error(), f.fieldOf(evidence, "reason"))
}

// allDeliveries reads every page.
func (f *fixture) allDeliveries(who ports.Member, limit int) []ports.Delivery {
	f.t.Helper()
	var all []ports.Delivery
	for cursor := ""; ; {
		page, err := f.Deliveries(f.ctx, who, cursor, limit)
		require.NoError(f.t, err)
		require.LessOrEqual(f.t, len(page.Deliveries), limit)
		all = append(all, page.Deliveries...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}
