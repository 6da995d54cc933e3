// Package telemetrytest holds only tests: what members tell a real SDK of
// OpenTelemetry, and that the dashboard, the alert rules and the list of metrics
// in docs/operations speak of what is really measured. It is a module of its
// own, so that those who import streamlease carry no SDK.
package telemetrytest
