// Package streamlease says which member of a fleet owns which data stream: one
// owner at a time, another within milliseconds when the owner is gone, and an
// old owner that wakes up can do no harm.
//
// It is for services that have many data streams, short- or long-lived (one for
// each user session, order, device, call), each to be processed by one consumer
// at a time, in order. Producers announce a stream once, by a Publisher or with
// the commands of the store at hand. Each announcement, an assignment, goes to
// one member, which takes a lease on the stream's name, renews it and says
// StreamAdded. What it does with the stream is up to you.
//
//	set, err := goredis.New(rdb, "orders") // or memory, or ports of your choice
//	client, err := streamlease.New(streamlease.Config{Ports: set})
//	notifications, err := client.Init(ctx)
//	for n := range notifications {
//		switch n.Kind {
//		case streamlease.StreamAdded:
//			go work(n.Stream) // ends with n.Stream.Context(), calls n.Stream.Done
//		case streamlease.StreamDisowned:
//			// The context of n.Stream has ended; there is nothing to call.
//		}
//	}
//
// Who wants none of that by hand calls Run instead of Init: it calls a handler for
// each stream, settles the stream as the handler returns, and hands everything on
// when ctx ends.
//
//	err := client.Run(ctx, func(ctx context.Context, s *streamlease.Stream) error {
//		return work(ctx, s) // nil: done; an error: tried again later
//	})
//
// # What is promised
//
// Every announced stream is processed at least once: while one healthy member
// has room, each gets an owner. When an owner crashes, hangs or is cut off, its
// streams are owned again within the TTL and a little more; Close hands them
// on at once. Nothing is taken for finished until Stream.Done says so.
//
// A new owner goes on from the position that was saved last (Stream.Checkpoint,
// Stream.SaveCheckpoint): what came after it is processed again, what came before
// is not.
//
// At any moment at most one member holds the lease on a name, and each tenure
// has a greater Token than every tenure of that name before it. What a late
// worker of an old tenure calls (Done, Fail, HandOff, SaveCheckpoint) is refused with
// ErrDisowned and changes nothing.
//
// A stream that fails again and again (Stream.Fail), or whose owners crash
// again and again, goes to a quarantine with the reason, instead of harming the
// others for ever.
//
// # What is not promised
//
// A process that is frozen, by a garbage collector, a debugger or a virtual
// machine that stands still, cannot know that its lease is over until it runs
// again, and may write something in that instant. Send Stream.Token with every
// write and let the resource refuse a token that is lower than one it has seen.
//
// # Clocks
//
// No clock is ever compared between machines. A member measures the validity of
// its leases on its own monotonic clock, from the instant before the renewal
// was sent, and gives them up Config.Margin before the store would: so clocks
// may differ by any amount, and run at different rates within the margin (a
// tenth of the TTL by default; real clocks differ by less than a thousandth). A
// monotonic clock may stand still while a machine is suspended; that is a
// process that was frozen, see above. The store's wall clock should not step by
// more than the margin, nor differ by more between a server and its successor.
//
// # Goroutines
//
// Nothing runs before Client.Init, and nothing is left after Client.Close. The
// application cannot hold up renewals: not by reading the notifications slowly
// or never, not by a context.AfterFunc, not by a slow log handler.
package streamlease
