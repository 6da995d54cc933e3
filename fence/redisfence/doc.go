// Package redisfence puts a fence before commands and scripts on Redis: the
// token is compared with the highest one that was seen, and only then they
// run, all in one step.
//
//	fences, err := redisfence.New(redisfence.Config{Client: rdb})
//
//	// At the start of a tenure, before anything is read:
//	err = fences.Raise(ctx, "{order-7}:fence", stream.Token())
//
//	// Then, for every change:
//	_, err = fences.Do(ctx, "{order-7}:fence", stream.Token(),
//		redisfence.Command{"SET", redisfence.Key("{order-7}:total"), 42})
//	if errors.Is(err, streamlease.ErrDisowned) {
//		return // somebody else owns the stream; nothing was changed
//	}
//
// Package fence says what a fence does and what it does not.
//
// # Keys, and Redis Cluster
//
// A fence is a key of your choice, one for each data stream. It and the keys
// behind it must lie on one server, or no step could touch them all. Redis
// Cluster and go-redis's Ring see to that for keys with the same hash tag, the
// part between the first '{' and the next '}'; a key without one is its own
// tag. With these clients, keys whose tags differ from that of the fence are
// refused with ErrInvalid before anything is sent. With a redis.Client for one
// server any keys will do; with a tag they will do on a Cluster too.
//
// # What may go wrong
//
// A call that fails in any other way than by ErrDisowned and ErrInvalid may
// have run, or may run still. It can be repeated with the same token, if the
// change is one that may happen twice. go-redis itself repeats what it got no
// reply to, up to Options.MaxRetries times: set that to -1 for changes that
// may not, and decide yourself.
//
// The fence remembers what its server remembers. One that evicts keys, that
// lost its last writes in a failover or a crash, or that was flushed, has
// forgotten some tokens, and accepts lower ones until the next owner raises
// the fence; what stands behind the fence is lost along with it.
//
// The tests run on Redis 7.0. The user needs the rights to EVAL, EVALSHA, GET
// and SET, and those for your own commands.
package redisfence
