// Package source is ports.StreamSource, ports.Announcer and ports.Checker on a
// Redis stream with one consumer group.
//
// The group hands assignments out; the consumer's name is the incarnation of
// the member. What became of an assignment stands in its record, a line of text
// in a hash outside of the group. Take and Settle are one script for a batch,
// and look at the record alone. Two things follow the record: the pending
// lists, where Take puts the assignment into its taker's list, so that
// Deliveries is a walk over one list; and the index by retry time of what was
// given back. Both can be lost and are made again from the records.
//
// A script is its own file behind the fragments that it names in scripts.go.
// Fragments that begin every script are prelude.lua (keys, clock, entries) and,
// where they are needed, group.lua, record.lua, tally.lua, evidence.lua,
// quarantine.lua and walk.lua. Every reply is read strictly; none of them, and
// no entry that somebody else wrote, can make this package panic.
package source
