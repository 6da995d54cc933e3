package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// aKeyThatIsDeletedIsNoticed deletes each key of the store in turn under a live
// owner: what the owner believes must be true, or the next answer to Renew must
// tell.
func aKeyThatIsDeletedIsNoticed(b *leaseBench) {
	if _, able := can[KeyDeleter](b.probe, b.instance); !able {
		return
	}
	deleted := map[string]bool{}
	for deleteNext(b, deleted) {
	}
	if len(deleted) == 0 {
		b.violated("the harness says that the store has no keys, with leases in it")
	}
}

// deleteNext takes a fresh store, and the first of its keys that has not been
// tried by its place in the list; names of keys may differ from store to store.
func deleteNext(b *leaseBench, deleted map[string]bool) (more bool) {
	store := newLeaseBench(b.probe, b.harness)
	defer store.close()
	held := store.holding(3)
	before := store.tallies(held)
	keyed := store.instance.(KeyDeleter)
	keys, err := keyed.Keys()
	b.must(err, "list the keys of the store")
	number := len(deleted)
	if number >= len(keys) {
		return false
	}
	deleted[fmt.Sprint(number)] = true
	b.journal.note(b.now(), fmt.Sprintf("an operator deletes the key %.100q", keys[number]))
	b.must(keyed.DeleteKey(keys[number]), "delete a key")
	store.ownerLearns(held, before, fmt.Sprintf("the key %.100q was deleted", keys[number]))
	return true
}

func (b *leaseBench) tallies(held []ports.Lease) []ports.Tally {
	tallies := make([]ports.Tally, len(held))
	for i, lease := range held {
		renewed := b.renew(lease.Grant, long)
		b.expectSuccess(renewed.Err, "Renew of a grant that lives")
		tallies[i] = renewed.Tally
	}
	return tallies
}

// ownerLearns lets somebody else try the names. Whoever still has a lease keeps
// it; whoever lost it sees that its grant is gone or has changed.
func (b *leaseBench) ownerLearns(held []ports.Lease, before []ports.Tally, why string) {
	for i, lease := range held {
		renewed := b.renew(lease.Grant, long)
		believes := renewed.Err == nil && renewed.Tally.Change == before[i].Change
		request := ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true}
		taken := b.acquire(bob, request)
		if taken.Err == nil && taken.Token <= lease.Token {
			b.violated("%s: bob acquired %s with token %d, after alice had it with token %d", why, shortName(lease.Ref.Name), taken.Token, lease.Token)
		}
		if believes && taken.Err == nil && b.renew(lease.Grant, long).Tally.Change == before[i].Change {
			b.violated("%s: bob acquired %s, and the Renew of alice's grant still answers the change number of before (%d): she goes on believing in her lease",
				why, shortName(lease.Ref.Name), before[i].Change)
		}
		if believes && taken.Err != nil {
			b.expectSeen(lease, why)
		}
	}
}

// expectSeen wants a lease that its owner believes in to be seen by all.
func (b *leaseBench) expectSeen(lease ports.Lease, why string) {
	listed, page, err := b.listedBy(lease.Grant, 100)
	if err != nil || page.Expired {
		b.violated("%s: Renew says that %s is as before, and Leases says that it is over (%v)", why, b.labels.of(lease.Grant), err)
		return
	}
	for _, found := range listed {
		if found == lease {
			return
		}
	}
	b.violated("%s: Renew says that %s is as before, and Leases does not list %s", why, b.labels.of(lease.Grant), b.leaseText(lease))
}
