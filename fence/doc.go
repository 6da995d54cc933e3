// Package fence is what the fences for several kinds of stores have in common.
//
// A process that was frozen (a long garbage collection, a suspended machine)
// cannot know that its lease is over, and goes on with what it was about to
// write. No lease can prevent that. The store that it writes to can: if it
// remembers the highest fencing token that it has seen and refuses every lower
// one, the old owner changes nothing, however late it comes. Ready for use are
//
//   - redisfence: commands and scripts on Redis, by go-redis;
//   - sqlfence: transactions on PostgreSQL, MySQL and SQLite, by database/sql;
//   - fencehttp: a header for requests, and a middleware that checks it.
//
// # One fence for each data stream
//
// Tokens grow with every acquisition of one name; they say nothing about who
// owns another one. So each data stream has a fence of its own, and everything
// that its owner changes stands behind that one fence. What the owners of
// several streams change needs one fence for each of them.
//
// # Raise before you read
//
// A new owner raises the fence to its token before it reads what its
// predecessor left. From then on whatever it has read stays as it is; without
// that the predecessor could still write after the reading, and its write
// would be lost or, worse, be mixed with the new owner's.
//
// # What is refused, and what is not
//
// Lower tokens are refused with a *StaleError, which wraps ErrDisowned: the
// same that Stream.Done answers, so a worker needs one test for both. The
// highest token itself is accepted as often as it comes: whatever one tenure
// does twice (because a reply was lost) happens twice, unless the change is
// one that may be repeated. The fence does not end with the stream: what the
// last tenure itself writes after its Done is accepted.
package fence
