package lockstest

import "testing"

// Run runs every test.
func (s Suite) Run(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"A name is leased, renewed, listed, inspected, released and leaves nothing behind": s.testLease,
		"A lease is nobody's twice, not even its own grant's":                              s.testOwnLease,
		"No call makes a grant that was not opened":                                        s.testUnopened,
		"A lease that expired is gone for ever":                                            s.testExpiry,
		"What expired can still be released":                                               s.testExpiredRelease,
		"Release needs the exact lease":                                                    s.testExactRelease,
		"Renew extends the lock and never shortens it":                                     s.testRenewal,
		"Tokens of a name strictly increase":                                               s.testTokens,
		"Of several who try at once at most one gets the name":                             s.testContention,
		"What an Acquire without an answer left behind is found and released":              s.testAcquireMishaps,
		"A Release without an answer can be repeated":                                      s.testReleaseMishaps,
		"A Release that part of the servers has answered is unknown":                       s.testHalfRelease,
		"A Renew without an answer is unknown":                                             s.testRenewMishaps,
		"An Acquire that takes longer than the TTL is expired":                             s.testSlowAcquire,
		"What executes late makes no grant and brings none back":                           s.testLateExecution,
		"Each key that is removed ends the lease, and never makes two":                     s.testRemovedKeys,
		"Scripts that the server has forgotten are sent again":                             s.testForgottenScripts,
		"Out of memory what is held is kept, and nothing is taken":                         s.testOutOfMemory,
		"Refusals say what to do":                                                          s.testRefusals,
		"Calls end by their deadline":                                                      s.testDeadlines,
		"Check says what does not work":                                                    s.testCheck,
		"A lease that expires is hinted at its deadline, again but rarely":                 s.testExpiryHint,
		"All leases with one deadline are hinted, however many":                            s.testOneDeadline,
		"Neither a live lease nor one that was released is hinted":                         s.testNoHint,
		"A lock without a lease holds its name, whoever asks":                              s.testOpeningHolds,
		"A lock that was left behind without a lease is hinted":                            s.testOpeningHint,
		"A lock that goes away before its deadline is hinted by the server's word":         s.testKeyEvents,
		"Flags of the server are added to, and kept":                                       s.testFlags,
		"Without CONFIG Check warns, and what expires is hinted":                           s.testNoConfig,
		"What is published reaches every Watch":                                            s.testPublish,
		"Batches are answered in order, whatever their size":                               s.testBatches,
	} {
		t.Run(name, test)
	}
}
