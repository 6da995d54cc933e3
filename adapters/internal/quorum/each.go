// Package quorum asks several independent servers at once, and does not let the
// slowest of them decide how long that takes.
package quorum

import (
	"context"
	"time"
)

// shortestGrace is how long the others have at least once a majority has
// answered.
const shortestGrace = 10 * time.Millisecond

// Majority is how many of so many servers are one.
func Majority(servers int) int { return servers/2 + 1 }

// longestDoubt bounds how long a server is waited for that alone can decide.
const longestDoubt = 10 * time.Second

// Each asks every server, and returns their answers in the order of the
// servers. Once a majority has answered well, the others have as long again;
// then late stands for the answer of each that is missing, and what it answers
// goes unread. So ask must not write to anything but what it returns.
func Each[T any](servers int, ask func(server int) T, well func(T) bool, late T) []T {
	return UntilDecided(context.Background(), servers, ask, well, func([]T) bool { return true }, late)
}

// UntilDecided is Each for questions that a majority of answers may leave open,
// when they say different things: then the others have a quarter of the time
// that is left to ctx. Decided gets the answers so far, late among them.
func UntilDecided[T any](ctx context.Context, servers int, ask func(server int) T, well func(T) bool, decided func([]T) bool, late T) []T {
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
	doubtful := false
	for came, good := 0, 0; came < servers; {
		select {
		case arrived := <-arrivals:
			came++
			answers[arrived.server] = arrived.answer
			if well(arrived.answer) {
				good++
			}
			if doubtful && decided(answers) {
				return answers
			}
		case <-enough:
			if doubtful || decided(answers) {
				return answers
			}
			doubtful, enough = true, time.After(doubt(ctx))
		}
		if enough == nil && good >= Majority(servers) {
			enough = time.After(max(shortestGrace, time.Since(began)))
		}
	}
	return answers
}

// doubt leaves the steps that follow most of the time that is left.
func doubt(ctx context.Context) time.Duration {
	until, bounded := ctx.Deadline()
	if !bounded {
		return longestDoubt
	}
	return min(time.Until(until)/4, longestDoubt)
}
