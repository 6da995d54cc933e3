// Package admin is what an operator sees and does of a service: its streams,
// its members, its quarantine. What only looks goes over a read-only lane, on
// which the server itself refuses whatever would write. Everything is read in
// pages, none of which holds the server for more than a few milliseconds,
// whatever the size of the service.
package admin
