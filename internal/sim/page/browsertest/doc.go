// Package browsertest opens the simulator's page in a headless Chromium: it is
// drawn, its slider moves, its script complains of nothing. It is a module of
// its own, so that nobody who uses streamlease has a browser's driver in their
// module graph.
//
// `make test-page` runs it, and installs the system's Chromium where it is
// missing and that is possible.
package browsertest
