package sim

// Chain is the hash of several runs: it begins with 0 and eats the hash of one
// run after the other. Found.Hash is made so.
func Chain(before, next uint64) uint64 {
	chained := digest(before)
	chained.add(next)
	return uint64(chained)
}
