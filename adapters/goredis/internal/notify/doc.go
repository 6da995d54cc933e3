// Package notify is the notifier of goredis. A Watch hears of what is free in
// two ways: members publish what they gave up (listen), and expired sessions
// are found in the index of deadlines (poll). Neither depends on when Redis
// removes keys, nor on a setting of the server. More ways, for stores that keep
// one key for each lease, would be further feeds of the same watch.
package notify
