// Package sqlfencetest is what sqlfence promises on every database, as tests.
// The databases' drivers are in modules of their own, and so are the tests that
// call Run.
package sqlfencetest
