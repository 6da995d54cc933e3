// Package notify is the notifier of goredis: it finds sessions that have
// expired in the index of their deadlines. What it has in common with other
// notifiers on Redis is in package hints.
package notify
