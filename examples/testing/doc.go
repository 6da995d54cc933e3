// Package orders is a user's own package, with a handler for Client.Run, and shows
// how to test such a handler: with the memory adapter, in a bubble of
// testing/synctest. No server is needed, and nobody waits: a minute of backoff
// takes milliseconds.
package orders
