// Package hints is what the notifiers on Redis have in common. A Watch hears of
// what is free in two ways: members publish what they gave up (listen), and
// what has expired is found in an index of deadlines (poll), by a Look that
// belongs to the lease store. Neither depends on when Redis removes keys, nor
// on a setting of the server. A store with one key for each lease may listen to
// the server's word of keys that went away, too; it only makes things faster.
package hints
