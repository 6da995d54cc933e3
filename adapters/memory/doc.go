// Package memory keeps a whole service in one process: a stream source, a
// lease store, an expiry notifier and checkpoints, which any number of members
// share. It is for tests, for simulation and for trying things out, also inside
// testing/synctest: it starts no goroutine, and every state it keeps is
// measured by Config.Now.
//
// It is also the contract of package ports by example. Who writes an adapter
// can read it file by file, next to the comments of the ports: take.go says
// what Take means, sweep.go what Sweep means. Each store is one mutex around
// ordered structures, so each method is atomic as a whole, which is more than
// the ports ask for; and the same calls at the same instants give the same
// answers, in the same order, every time.
//
// What ends the process ends the service: nothing is written anywhere.
package memory
