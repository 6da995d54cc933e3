// Package lockstore is a lease store, with one grant for each lease, made of a
// library that keeps one lock for each name, on one server or on a quorum of
// independent ones, and of an index that says what the locks do not.
//
// Acquire takes these steps, each for the whole batch: note the grant in the
// index; obtain the lock, with the grant for its value; draw the token (on a
// quorum: on every server, and write the largest back to a majority); let the
// library check that the lock is still the grant's. A value that was lost never
// comes back, so the token was drawn inside the hold, and whoever holds the
// name later draws a larger one. A step that fails with an unknown outcome ends
// the Acquire where it is: what it left behind is found by the grant.
package lockstore
