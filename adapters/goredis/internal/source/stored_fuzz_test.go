package source

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// FuzzStoredRecord: what stands in our own hashes may be of anybody's making.
// Whatever it is, every call is answered, none of the scripts breaks off
// half-way, and the assignment can be finished. It asks a real server, so it is
// slow: a million inputs take hours.
func FuzzStoredRecord(f *testing.F) {
	server := redistest.Start(f)
	client := server.Client(f)
	opened, err := conn.Open(client, "orders")
	require.NoError(f, err)
	source := New(opened)
	f.Cleanup(func() { require.NoError(f, source.Close()) })

	f.Add("7 bob 1766666666666 . 0 0 0 - 1 s", "3 1 pod alice", "1766666666666 1 5 9 pod alice 1.0", `[{"token":"7"}]`)
	f.Add("7 bob 1766666666666 carol/6/pod 1 2 1766666666666 f 0 s", "", "", "[")
	f.Add("9223372036854775808 bob 0 . 0 0 0 - 1 s", "99999999999999999999 1 x", "0 1 99999999999999999999 0  ", "{}")
	f.Add("7 b/b 99999999999999999999 x 99999999999999999999 0 99999999999999999999 d 1 s", "x", "1 1 1 99999999999999999999 ", "[1,[2]]")
	f.Add("7 bob 0 . 99999999999 0 0 - 1 s", "", "", "")
	f.Add("", "\x00", "\xff", "null")
	f.Fuzz(func(t *testing.T, record, tally, member, endings string) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		const id = "1-1"
		_, err := client.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
			pipeline.FlushDB(ctx)
			pipeline.XAdd(ctx, &redis.XAddArgs{Stream: opened.Stream(), ID: id, Values: []string{conn.Field, `{"DataStreamName":"s"}`}})
			pipeline.XGroupCreate(ctx, opened.Stream(), opened.Group(), "0")
			pipeline.XReadGroup(ctx, &redis.XReadGroupArgs{Group: opened.Group(), Consumer: "bob", Streams: []string{opened.Stream(), ">"}})
			pipeline.HSet(ctx, opened.Records(), id, record, "taken:alice", tally, "taken:bob", tally)
			pipeline.HSet(ctx, opened.Fleet(), "member:alice", member, "member:"+member, member)
			pipeline.HSet(ctx, opened.Endings(), id, endings)
			return nil
		})
		require.NoError(t, err)

		ref := ports.StreamRef{Name: "s", MessageID: id}
		_, err = source.Heartbeat(ctx, ports.Beat{Member: alice, HasRoom: true, Expiry: time.Minute})
		require.NoError(t, err, "Heartbeat")
		_, err = source.Sweep(ctx, alice, sweepAll)
		require.NoError(t, err, "Sweep")
		_, err = source.Deliveries(ctx, bob, "", 10)
		require.NoError(t, err, "Deliveries")
		const highest = ports.Token(1<<63 - 1)
		taken, err := source.Take(ctx, alice, []ports.TakeRequest{{Ref: ref, Token: highest, StableAfter: time.Minute}})
		require.NoError(t, err, "Take")
		if taken[0].Err != nil {
			return // It is another assignment's record, or its retry time has not come.
		}
		settled, err := source.Settle(ctx, alice, []ports.Settlement{{Ref: ref, Token: highest, Outcome: ports.Done}})
		require.NoError(t, err, "Settle")
		require.NoError(t, settled[0].Err)
		require.True(t, settled[0].Gone)
	})
}
