// Package sim breaks streamlease on purpose, in virtual time, and watches.
//
// A World runs real core.Machines, through the client's own translation
// (driver.Translator), over model ports in one event loop: no goroutine, no
// clock, no map order, integers only. Everything that happens follows from a
// Scenario and a seed, so the same two give the same trace, byte for byte, on
// any machine; the hash of a run says so.
//
// An observer knows the truth: what the stores hold, what each member
// believes, what each application has heard, what reached a resource that
// checks tokens. It checks the invariants of the design (S1-S6, L1-L4) at
// every step and counts, for each, how often it was checked on something that
// could have failed.
//
//   - Run plays one scenario.
//   - Draw makes a scenario from a seed: its own faults, intensities and sizes.
//   - Search draws and runs until something breaks.
//   - Shrink reduces what broke to the few lines that break it.
//   - Exhaust goes through every interleaving of a small corner.
//
// Only cmd/sim and tests may import it.
package sim
