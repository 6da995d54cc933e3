// Package report makes the table, the document and the curves of what was
// measured.
package report
