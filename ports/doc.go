// Package ports holds the interfaces through which the core reaches the
// world, and the contract of each method: its comment is its specification.
// An adapter author imports this package only; the types are declared in core,
// whose rules turn on them, and have their names here too.
//
// # Rules for every port
//
// Batch in, one result for each item in the same order, an error in each
// result. An error for the whole call is either ErrRefused (a definite no:
// nothing was done; best as a *RefusedError, which names server, command and
// advice), or anything else: then the outcome of each item is unknown, and so
// is that of an item whose error is none of the sentinels that its result's
// comment lists. The core never takes unknown for no: it repeats what is
// idempotent and audits the rest.
//
// A port decides nothing. It does not retry, cache, wait, log or start work in
// the background beyond what its connection needs; a command that a client
// library repeats by itself after a lost reply breaks the contract.
//
// Every call comes with a ctx that has a deadline, and ends by it. Only Fetch
// and Watch must also end at once when their ctx is cancelled. Calls come
// concurrently, from several goroutines; a call that was given up may still be
// under way when the next one comes.
//
// Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob
// characters included.
//
// A port that is also an io.Closer is closed by the client when it has ended,
// one that is also a Checker is asked by Init and after an outage.
package ports
