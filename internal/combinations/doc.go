// Package combinations runs whole clients over every combination of adapters
// that makes sense, on real Redis servers, and over every kind of server that
// they are said to work with. It has tests only; docs/compatibility.md is
// written from what they found.
package combinations
