// Package simredis is a Redis server in the process, for simulations: the
// commands and script features that the adapters use, over a keyspace that can
// be copied, by a clock that is handed in, with faults that are switched on and
// off. It has no goroutine and no timer, and never asks for the time itself;
// whoever drives it decides when anything happens. So the same requests in the
// same order give the same replies.
//
// What it does not know it refuses loudly. A test compares it with a real
// server, over random histories of what the adapters ask; what is known to
// differ stands in docs/simulation.md.
package simredis
