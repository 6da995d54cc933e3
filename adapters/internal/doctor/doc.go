// Package doctor says what a server guarantees to a service, what it does not,
// and what to change. It looks only; a Finding's Apply changes what it says.
package doctor
