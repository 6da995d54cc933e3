// Package leases is the lease store of goredis: one session for each member,
// renewed by one small script whatever the number of leases in it.
//
// What is in Redis, all of it in one slot:
//
//	sessions        sorted set: grant by deadline, in microseconds of the server's clock
//	session-states  hash: grant → change number, count, epoch, member
//	session:<grant> sorted set: names of the session's leases, by token
//	leases          hash: name → grant, token, message ID; its field "" is the epoch
//	token           string: the highest token that was drawn
//
// A lease lives while its session's deadline lies ahead. Nothing here has a
// TTL of Redis' own, so nothing depends on when Redis removes keys. A session
// that has expired is kept until everything in it was taken or released; one
// with nothing left is collected by whoever removes the last lease, or by the
// notifier's poll.
//
// A key that is removed from outside, by an operator or an eviction, must not
// let a member believe in leases that are gone. Each session's state therefore
// counts its set and names the epoch of the leases (made with the hash, lost
// with it); where they disagree the session is damaged: Renew and Acquire call
// it expired, nothing extends it, and its leases end at its deadline.
package leases
