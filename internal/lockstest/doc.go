// Package lockstest holds the tests that every lease store made of somebody's
// locks must pass, on one server or on a quorum. Only tests import it.
package lockstest
