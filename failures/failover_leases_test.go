package failures_test

import (
	"cmp"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/ports"
)

// claimedTooLate are the names that are claimed while nothing reaches the
// replica any more.
const claimedTooLate = 20

// The worst that can happen: the master acknowledges leases, loses its replica
// and dies. Its successor has never heard of them.
func TestAFailoverThatLosesLeasesMakesTwoOwnersAndTheOlderOnesEffectsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	first, second := f.claimant(1, goredis.LeaseConfig{}), f.claimant(2, goredis.LeaseConfig{})
	f.stopReplication()
	for _, name := range streamNames(claimedTooLate) {
		first.claimForSure(name)
	}
	require.NotEmpty(t, first.believes)
	f.killMaster()
	for _, name := range streamNames(claimedTooLate) {
		second.claimForSure(name)
	}
	doubles := bothBelieve(first, second)
	t.Logf("by raw lease, %d of %d names have two owners", len(doubles), claimedTooLate)
	assert.Len(t, doubles, len(first.believes), "nothing of these leases had reached the replica")
	f.requireFenced(first, second, doubles)
}

// requireFenced lets both write, the newer owner first.
func (f *failover) requireFenced(first, second *claimant, doubles []string) {
	f.t.Helper()
	harmful := 0
	for _, name := range doubles {
		assert.Greater(f.t, second.believes[name], first.believes[name], "token of %s", name)
		assert.True(f.t, second.write(name), "the newer owner of %s was refused", name)
		if first.write(name) {
			harmful++
		}
	}
	assert.Zero(f.t, harmful, "effects of older owners that the resource accepted")
	f.t.Logf("by fenced effect, %d", harmful)
}

func TestALeaseThatWaitsForTheReplicaHasOneOwnerAfterAFailoverToo(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	safer := goredis.LeaseConfig{Replicas: 1}
	first, second := f.claimant(1, safer), f.claimant(2, safer)
	before := first.claimAny()
	f.stopReplication()
	for _, name := range streamNames(2) {
		err := first.claim(name)
		require.Error(t, err, "no replica has it")
		require.NotErrorIs(t, err, ports.ErrRefused, "the master has done it")
	}
	f.killMaster()
	for _, name := range append(streamNames(2), before) {
		second.claimForSure(name)
	}
	assert.Empty(t, bothBelieve(first, second), "names with two owners, by raw lease")
	assert.Contains(t, first.believes, before)
	assert.NotContains(t, second.believes, before, "its owner was told that a replica has it, and it is free after the failover")
	assert.Len(t, second.believes, 2, "what no replica had is free")
	assert.True(t, first.write(before))
}

var errLeased = errors.New("a lease")

// min-replicas-to-write asks how old the last word of a replica is, not what it
// has: what is lost is what was acknowledged in that time.
func TestMinReplicasToWriteBoundsTheLeasesThatAFailoverLoses(t *testing.T) {
	t.Parallel()
	f := newFailover(t, "min-replicas-to-write 1", "min-replicas-max-lag 1")
	first, second := f.claimant(1, goredis.LeaseConfig{}), f.claimant(2, goredis.LeaseConfig{})
	f.stopReplication()
	var tried []string
	f.await("the master refuses", func() error {
		name := fmt.Sprint("stream-", len(tried))
		tried = append(tried, name)
		if err := first.claim(name); !errors.Is(err, ports.ErrRefused) {
			return fmt.Errorf("the answer for %s is %w", name, cmp.Or(err, errLeased))
		}
		return nil
	})
	refused := tried[len(tried)-1]
	f.killMaster()
	for _, name := range tried {
		second.claimForSure(name)
	}
	doubles := bothBelieve(first, second)
	t.Logf("by raw lease, %d of the %d names have two owners that were leased before the master refused", len(doubles), len(tried)-1)
	assert.NotContains(t, first.believes, refused)
	assert.Contains(t, second.believes, refused)
	f.requireFenced(first, second, doubles)
}
