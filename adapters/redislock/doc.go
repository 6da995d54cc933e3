// Package redislock is a lease store on the locks of github.com/bsm/redislock,
// for those who have such locks already and want leases beside them:
//
//	leases, err := redislock.NewLeases(client, "orders")
//	notifier, err := redislock.NewNotifier(client, "orders", redislock.NotifierConfig{})
//	source, err := goredis.NewSource(client, "orders")
//	checkpoints, err := goredis.NewCheckpoints(client, "orders")
//	set := ports.Set{Source: source, Leases: leases, Notifier: notifier, Checkpoints: checkpoints}
//
// Each lease is one lock, and its own grant. Only the library obtains, extends
// and releases locks; its public methods are used and nothing else. What the
// library does not keep (who has the lock, since which token, for which
// assignment) stands in an index of the adapter. It relies on one thing of the
// library: as long as a lock is held its key is a string with the value that
// the library was given, and it expires with the lock.
//
// # What is promised
//
// What goredis promises of one server: at most one live lease for a name, tokens
// that grow with every acquisition, also after a flush, and no lease that ends
// early. A server that loses acknowledged writes may give a name to two members
// for a while; fencing tokens still order their effects. An Acquire whose reply
// was lost is found by its grant and given up; one that executes even later ends
// by itself within a TTL.
//
// # What it costs
//
// goredis renews all leases of a member with one small script; here each lease
// is renewed by itself: two scripts in two round trips for every 500 leases, 5
// to 10 µs of the server and of the client for each lease and renewal. Acquire
// takes four round trips for a batch, Release three. Choose goredis unless
// there is a reason for this.
//
// # The client and its rights
//
// Connections are derived from the client as goredis does it, and its
// documentation says how. A user needs all keys that begin with
// {<service>-input}: and the commands EVALSHA EVAL GET SET DEL TYPE TIME PTTL
// PEXPIRE GETRANGE HGET HSET HSETNX HDEL ZADD ZREM ZSCORE ZRANGE; the notifier
// SUBSCRIBE PUBLISH PING, too, on the channel {<service>-input}:hints:<database>,
// and with NotifierConfig.KeyEvents on __keyevent@<database>__:expired and
// :evicted. INFO is used if it is allowed, and CONFIG for KeyEvents.
package redislock
