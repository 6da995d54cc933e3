// Command sim breaks streamlease on purpose, in virtual time from one seed, and
// watches: it runs the code that ships, injects faults, checks every invariant
// at every step, and replays and shrinks whatever fails.
//
//	go run ./cmd/sim list                 the scenarios, each with what it shows
//	go run ./cmd/sim run gc-pause         one of them
//	go run ./cmd/sim search --for 1m      worlds drawn from seeds, until one fails
//	go run ./cmd/sim matrix --depth adapters
//	                                      every scenario over the real adapters
//	go run ./cmd/sim demo                 a page in which you break members yourself
//
// --help shows the rest, with examples. The exit status is 0 when everything
// held, 1 when an invariant was violated, 2 when the program was used wrongly.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	// A world is small and short-lived: with the usual target the collector
	// would never rest.
	debug.SetGCPercent(800)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
