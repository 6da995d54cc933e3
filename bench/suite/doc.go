// Package suite is what make bench runs: the measurements with their sizes, and
// the runs of each, store after store, so that what is compared ran side by
// side.
package suite
