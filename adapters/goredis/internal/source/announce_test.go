package source

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestAnnounceAnswersItemByItemAndInOrder(t *testing.T) {
	f := newFixture(t)
	results, err := f.Announce(f.ctx, []ports.Assignment{
		{Ref: ports.StreamRef{Name: "a"}},
		{Ref: ports.StreamRef{Name: "bad\xff"}},
		{Ref: ports.StreamRef{Name: ""}},
		{Ref: ports.StreamRef{Name: "c"}, Info: ports.Info(`[]`)},
		{Ref: ports.StreamRef{Name: strings.Repeat("x", ports.MaxNameBytes+1)}},
		{Ref: ports.StreamRef{Name: "a", MessageID: "ignored"}, Info: ports.Info(`{"x":{"y":1e400}}`)},
	})
	require.NoError(t, err)
	for i, bad := range []bool{false, true, true, true, true, false} {
		if bad {
			require.ErrorIs(t, results[i].Err, ports.ErrInvalid)
			require.Empty(t, results[i].Ref)
		} else {
			require.NoError(t, results[i].Err)
		}
	}
	fetched := f.fetch(alice, 10).Assignments
	require.Equal(t, []ports.StreamRef{results[0].Ref, results[5].Ref}, refsOf(fetched))
	require.Nil(t, fetched[0].Info)
	require.Equal(t, ports.Info(`{"x":{"y":1e400}}`), fetched[1].Info)
}

func TestAnnounceWritesTheFormatThatProducersWrite(t *testing.T) {
	f := newFixture(t)
	f.announce(`<a"b>`)
	entries := f.redis.XRange(f.ctx, f.conn.Stream(), "-", "+").Val()
	require.Len(t, entries, 1)
	require.Equal(t, map[string]any{"lbs-input": `{"DataStreamName":"<a\"b>","Info":{"n":1}}`}, entries[0].Values)
	require.Equal(t, "orders-input", f.conn.Stream())
	require.Equal(t, "orders-group", f.conn.Group())
}

func TestAnnounceThatIsGivenUpIsUnknown(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	results, err := f.Announce(ctx, []ports.Assignment{{Ref: ports.StreamRef{Name: "a"}}, {Ref: ports.StreamRef{Name: "b"}}})
	require.NoError(t, err)
	for _, result := range results {
		require.Error(t, result.Err)
		require.NotErrorIs(t, result.Err, ports.ErrRefused)
		require.NotErrorIs(t, result.Err, ports.ErrInvalid)
	}
}
