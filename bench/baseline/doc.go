// Package baseline is what services do without streamlease, as the libraries
// that they use would have them do it, for measurements beside it: a consumer
// reads announcements from a consumer group, takes a redsync mutex for each
// stream, and keeps it with a goroutine for each stream that extends it every
// half of its TTL. Other consumers learn from keyspace events that a mutex has
// expired, and whoever wins it takes the stream over with one XCLAIM.
//
// It is no library: what fails is not repaired.
package baseline
