// Package conformance says what the contracts of package ports mean, as tests
// that anybody can run on their own adapter. One call from a test is enough:
//
//	func TestMyLeasesKeepTheContract(t *testing.T) {
//		conformance.LeaseStore(t, harness{})
//	}
//
// The harness makes stores to be examined, and says what they can do beyond
// the contract: a clock that the suite may advance, a server that can be
// restarted, connections that can be cut. What it cannot do is not tested, is
// listed at the end of the test's log, and makes the Report partial.
//
// Each sub-test examines one sentence of the contract on a store of its own and
// is named after it. A failure quotes the sentence, lists every violation that
// was seen, and shows the calls that led there with their answers. Whoever
// mends an adapter needs the sentence and the calls, not this package's code.
//
// # Time
//
// With a Clock nothing sleeps, and the suite takes about a second. Without one
// it waits in real time for leases of the shortest TTL that the harness allows.
// No adapter fails because it, or the machine, is slow: a lease counts as live
// or as over only where the times of the calls leave no doubt, and where they
// leave no room the check is repeated with a longer TTL.
//
// # Who may import it
//
// Tests. Nothing in this package is needed to run a service.
package conformance
