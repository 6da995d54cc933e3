package core

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// random draws from the seed that came in: SHA-256 of the seed and a counter,
// so that grant names can be neither guessed nor drawn twice, and a run can be
// repeated from its seed.
type random struct {
	block [sha256.Size + 8]byte
	count uint64
}

func newRandom(seed [32]byte) *random {
	r := &random{}
	copy(r.block[:], seed[:])
	return r
}

func (r *random) draw() [sha256.Size]byte {
	r.count++
	binary.BigEndian.PutUint64(r.block[sha256.Size:], r.count)
	return sha256.Sum256(r.block[:])
}

func (r *random) grant() GrantID {
	sum := r.draw()
	return GrantID(sum[:16])
}

// between draws a duration from [low, high).
func (r *random) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	sum := r.draw()
	return low + time.Duration(binary.BigEndian.Uint64(sum[:8])%uint64(high-low))
}

// jitter draws from d ± 20 %.
func (r *random) jitter(d time.Duration) time.Duration {
	return r.between(d-d/5, d+d/5+1)
}
