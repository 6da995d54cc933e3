// Package goredis runs streamlease on Redis 7.0 or newer, or Valkey 7.2 or
// newer, through a go-redis client:
//
//	set, err := goredis.New(client, "orders")
//	member, err := streamlease.New(streamlease.Config{Ports: set})
//
// New makes all ports of a service; NewSource, NewLeases, NewNotifier and
// NewCheckpoints make each alone, to be combined with those of other adapters.
//
// # The client
//
// A *redis.Client (one of NewFailoverClient too), *redis.ClusterClient or
// *redis.Ring is fit; a RESP2 client, TLS, ACL users, a database other than 0
// and Unix sockets are too. The ports do not talk through it: they derive
// clients of their own from a copy of its options, because a client as it comes
// repeats commands whose reply was lost, ends later than its ctx, and lets
// renewals wait behind blocking reads. So hooks of the client (AddHook), its
// Limiter and its client-side cache are not taken over; addresses, TLS,
// credentials, Dialer, OnConnect and time-outs are. The client is never closed.
// Keep it open as long as the ports when it is a failover client: it is what
// finds the master.
//
// A *redis.Ring moves a service to another server while its shard is down,
// which is like a flush. It works, and Check warns.
//
// # Keys
//
// Producers know one key: the stream <service>-input, with the consumer group
// <service>-group and entries of one field, lbs-input, which holds
// {"DataStreamName": "...", "Info": {...}}. All others begin with
// {<service>-input}: and are ours; all are in one slot of a cluster.
//
//	layout            string: the version of keys and scripts
//	records           hash: message ID → token, taker and counts of a pending assignment
//	endings           hash: message ID → how the last tenures of a failing assignment ended
//	due               sorted set: what was given back, by retry time
//	sweep             hash: the fleet's shared round over all that was delivered
//	fleet             hash: the members by heartbeat, and what they have taken
//	quarantine, quarantine-order, quarantine-state
//	                  what could not be processed, why, and how much was dropped
//	sessions          sorted set: members' grants by deadline
//	session-states    hash: grant → change number, count, member
//	session:<grant>   sorted set: names that a grant holds, by token
//	leases            hash: name → grant, token, message ID
//	token             string: the highest fencing token
//	checkpoint:<ref>  string: token, number, state and position of a checkpoint
//	hints:<database>  no key, but the channel of the members' hints
//
// Nothing depends on keyspace notifications, and no setting of the server is
// changed. None of the keys expires by itself, but a checkpoint an hour after its
// stream is done.
//
// # What is promised
//
// A lease lives until its session's deadline by the server's clock, whatever
// Redis removes when. An expired session is found at its deadline, to the
// millisecond while the notifier is connected. Tokens of a service grow with
// every acquisition, also after a flush. Under maxmemory (with the policy
// noeviction) new work is refused and what is owned is kept.
//
// A Redis that loses acknowledged writes (a failover of an asynchronous
// replica, a restart without AOF) may give a name to two members for a while;
// fencing tokens still order their effects. LeaseConfig.Replicas makes leases
// wait for replicas.
//
// # Data streams
//
// A Reader reads the data streams themselves, which may be on another server.
//
// # Rights
//
// A user needs all keys that begin with {<service>-input}: and the key
// <service>-input, the channel {<service>-input}:hints:<database>, the
// following commands, and those with which go-redis opens a connection (HELLO,
// AUTH, SELECT, CLIENT). CLIENT UNBLOCK ends a read that waits when its caller
// has gone; without the right to it the connection is closed instead, and what
// was delivered meanwhile is found a little later. The tests run with exactly
// such a user.
//
// go-redis writes connections that fail to the standard error stream;
// redis.SetLogger, which is the program's to call, changes that.
//
//	all       EVALSHA EVAL GET SET DEL TYPE TIME
//	source    XADD XLEN XRANGE XDEL XACK XCLAIM XPENDING XREADGROUP XGROUP XINFO
//	          HGET HMGET HGETALL HSET HDEL HEXISTS HLEN HINCRBY HSCAN EXISTS
//	          ZADD ZREM ZPOPMIN ZRANGEBYSCORE
//	leases    ZADD ZREM ZSCORE ZCARD ZRANGE HGET HMGET HSET HSETNX HDEL HEXISTS
//	notifier  SUBSCRIBE PUBLISH PING ZRANGE ZCARD ZREM HDEL
//
// LeaseConfig.Replicas needs WAIT too, and a Reader XREAD on the data streams.
//
// An operator who only looks (Admin) needs read rights alone: on these keys, in
// the form %R~, and for @read, @connection, TIME, EVAL_RO and EVALSHA_RO.
//
// INFO is used if it is allowed; without it the server's version and eviction
// policy go unchecked, and Check warns.
package goredis
