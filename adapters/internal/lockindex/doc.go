// Package lockindex describes the locks of a library that keeps one key for
// each: who has them, since which token, for which assignment, until when. The
// locks themselves are the library's; what is relied on of them is that, as
// long as a lock is held, its key is a string with the value that the library
// was given, and that it expires with the lock.
//
// What is in Redis beside the locks, all of it in one slot:
//
//	<kind>:grants     hash: grant → token, message ID, member, name
//	<kind>:names      hash: name → the grant that leased it last
//	<kind>:deadlines  sorted set: grants by deadline, in microseconds of the server's clock
//	<kind>:openings   sorted set: grants that have no token yet, by deadline
//	token             string: the highest token that was drawn
//
// The value of a lock is its grant. A grant is noted before its lock is
// obtained, so that a lock whose reply was lost is found by its grant, and it
// gets its token while the lock is held. The entry of a lease that has expired
// is kept until the name was leased again or the lease was released; so there
// is at most one for each name, and one for each Acquire that was given up in
// the last TTL.
//
// The lock is the lease: nothing in the index makes one live, and an entry that
// is missing makes its lease end.
package lockindex
