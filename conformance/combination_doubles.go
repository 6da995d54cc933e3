package conformance

import (
	"context"
	"errors"
	"time"
)

// doublesTakeTurns has every name announced again while it is owned, until a
// member has met a name that the other owns.
func doublesTakeTurns(b *combinationBench) {
	b.lasting()
	refs := b.owning(2)
	owners := map[string]*heardTenure{}
	for _, ref := range refs {
		for _, owner := range b.books.ownersOf(ref) {
			owners[ref.Name] = owner
		}
	}
	for _, member := range b.members {
		member.gate.noteAcquires()
	}
	announced := time.Duration(-1)
	b.await("a member has tried for a name that another owns", func() error {
		if announced < 0 || b.now()-announced > b.limits.SmallestTTL {
			announced = b.now()
			b.announce(b.streams()...)
		}
		return b.notContested(owners)
	})
	b.await("members have fetched all of them", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		return b.backlogLeft(ctx)
	})
}

// notContested is why nobody has tried yet for a name that another owned. Who
// got its lease has tried when its application knows: books need to see it.
func (b *combinationBench) notContested(owners map[string]*heardTenure) error {
	for name, owner := range owners {
		for _, member := range b.members {
			denied, tried := member.gate.acquireAnswered(name)
			known := denied != nil || b.books.hasHeardOf(member, name)
			if tried && known && member != owner.member {
				return nil
			}
		}
	}
	return errors.New("nobody has")
}
