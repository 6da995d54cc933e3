// Package demo is a run of the simulator that people play in a browser: they
// kill, freeze and cut off members, and see what becomes of their streams.
//
// A Stage is that run. It goes on as far as it is told and takes clicks at its
// present; it goes back to any moment by beginning again from its seed. A Link
// is the seed and every click in a line of text, which gives the same run, with
// the same hash, in any browser and in a terminal (sim replay --clicks). A Tour
// explains the library in six steps, and notices from what happens that a step
// was done.
//
// Files are the page around it; its program, in package wasm, is a Stage
// compiled for browsers. Only cmd/sim, that program and tests may import it.
package demo
