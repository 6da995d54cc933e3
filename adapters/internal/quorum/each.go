// Package quorum asks several independent servers at once, and does not let the
// slowest of them decide how long that takes.
package quorum

import "time"

// shortestGrace is how long the others have at least once a majority has
// answered.
const shortestGrace = 10 * time.Millisecond

// Majority is how many of so many servers are one.
func Majority(servers int) int { return servers/2 + 1 }

// Each asks every server, and returns their answers in the order of the
// servers. Once a majority has answered well, the others have as long again;
// then late stands for the answer of each that is missing, and what it answers
// goes unread. So ask must not write to anything but what it returns.
func Each[T any](servers int, ask func(server int) T, well func(T) bool, late T) []T {
	if servers == 1 {
		return []T{ask(0)}
	}
	type answered struct {
		server int
		answer T
	}
	began := time.Now()
	arrivals := make(chan answered, servers)
	for server := range servers {
		go func() { arrivals <- answered{server, ask(server)} }()
	}
	answers := make([]T, servers)
	for server := range answers {
		answers[server] = late
	}
	var enough <-chan time.Time
	for came, good := 0, 0; came < servers; came++ {
		select {
		case arrived := <-arrivals:
			answers[arrived.server] = arrived.answer
			if well(arrived.answer) {
				good++
			}
		case <-enough:
			return answers
		}
		if enough == nil && good >= Majority(servers) {
			enough = time.After(max(shortestGrace, time.Since(began)))
		}
	}
	return answers
}
