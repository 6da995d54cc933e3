// Package redsync is a lease store on the locks of
// github.com/go-redsync/redsync, on one server, or on several independent ones
// by the Redlock algorithm:
//
//	leases, err := redsync.NewLeases("orders", first, second, third)
//	notifier, err := redsync.NewNotifier("orders", redsync.NotifierConfig{}, first, second, third)
//	source, err := goredis.NewSource(client, "orders")
//	checkpoints, err := goredis.NewCheckpoints(client, "orders")
//	set := ports.Set{Source: source, Leases: leases, Notifier: notifier, Checkpoints: checkpoints}
//
// Each lease is one mutex, and its own grant. Only the library obtains, extends
// and releases mutexes; its public methods are used and nothing else. What the
// library does not keep (who has the lock, since which token, for which
// assignment) stands in an index of the adapter on every server. It relies on
// one thing of the library: as long as a mutex is locked its key is a string
// with the value that the library was given, and it expires with the lock.
//
// # What is promised
//
// On one server: what goredis promises. At most one live lease for a name,
// tokens that grow with every acquisition, also after a flush, and no lease that
// ends early. An Acquire whose reply was lost is found by its grant and given
// up; one that executes even later ends by itself within a TTL.
//
// On a quorum of n servers a name is leased to whoever has its lock on a
// majority. All goes on while a majority works, and the loss of data of fewer
// than that gives no name to two members, if a server that lost its data stays
// away for the longest TTL before it comes back: it has forgotten what it had
// granted. A token is drawn on every server, the largest is written back to a
// majority, and then the lock is checked; so tokens grow whatever majority
// answers, also when a server was flushed meanwhile. The servers' clocks may
// differ as redsync allows for (a hundredth of the TTL). When members race, none
// may get a majority; each tries again a little later.
//
// # What it costs
//
// goredis renews all leases of a member with one small script; here each lease
// is renewed by itself: two scripts in two round trips for every 500 leases, 5
// to 10 µs of each server and of the client for each lease, server and renewal.
// Acquire takes four round trips for a batch, on a quorum five, and Release
// three. A server of a quorum that does not answer costs each round trip as long
// again as the others take, and at least 10 ms. Choose goredis unless there is a
// reason for this.
//
// # The clients and their rights
//
// Connections are derived from each client as goredis does it, and its
// documentation says how. A user needs all keys that begin with
// {<service>-input}: and the commands EVALSHA EVAL GET SET DEL TYPE TIME PTTL
// PEXPIRE GETRANGE HGET HSET HSETNX HDEL ZADD ZREM ZSCORE ZRANGE; the notifier
// SUBSCRIBE PUBLISH PING, too, on the channel {<service>-input}:hints:<database>,
// and with NotifierConfig.KeyEvents on __keyevent@<database>__:expired and
// :evicted. INFO is used if it is allowed, and CONFIG for KeyEvents.
package redsync
