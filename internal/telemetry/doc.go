// Package telemetry tells OpenTelemetry what a member does: metrics of what it
// owns, of what its ports answer and of the fleet, and spans of what the
// application asks for and of each call to a port. docs/operations/metrics.md
// says what each metric means.
//
// It decides nothing and keeps nothing for each stream that is owned: while
// nothing changes, a member with a million streams costs as much as one with
// ten. The names of streams are never among a metric's attributes, since there
// is no end to them; spans have them.
//
// Only the client of the root package may import it. It knows the API of
// OpenTelemetry and no SDK: which one measures is for the application to say.
package telemetry
