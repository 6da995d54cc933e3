// Package mishap stands between a client and its Redis server, in tests, and
// lets one call go wrong: the connection breaks before it or after it, nothing
// is answered, or the call arrives when its caller has given up. What comes
// after that call goes well, so a client that repeats it shows itself.
//
// What a client sends to set up a connection is no call.
package mishap
