// Package wire counts what a Redis client sends: commands, round trips and
// bytes, at the connection, so that every library is counted in the same way
// and what scripts call inside the server is not.
package wire
