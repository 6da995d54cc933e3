package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// watcher is the suite as a member that only looks.
var watcher = ports.Member{ID: "the suite", Incarnation: "the-suite"}

// judge lets everything be finished, and wants nothing to be left and nothing
// to have gone wrong on the way.
func (b *combinationBench) judge() {
	b.finishAll()
	b.await("nothing is left in the stores", b.leftovers)
	for _, member := range b.members {
		member.close()
	}
	excused := time.Duration(0)
	if !b.virtual {
		excused = b.ttl/10 + 2*time.Duration(b.stalls.longest.Load())
	}
	for _, wrong := range b.books.judgement(excused) {
		b.violated("%s", wrong)
	}
}

// finishAll lets the applications finish what they own and will own, and waits
// until all that was announced is done.
func (b *combinationBench) finishAll() {
	b.finish.Do(func() { close(b.finishing) })
	b.await("all that was announced is done", func() error {
		if left := b.books.notDone(b.expected); len(left) > 0 {
			return fmt.Errorf("%d are not: %s", len(left), refsText(left))
		}
		return nil
	})
}

// leftovers is what the stores should no longer know.
func (b *combinationBench) leftovers() error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return errors.Join(b.assignmentsLeft(ctx), b.leasesLeft(ctx), b.backlogLeft(ctx), b.quarantineDiffers())
}

func (b *combinationBench) assignmentsLeft(ctx context.Context) error {
	for _, ref := range b.expected {
		if there, err := b.isThere(ctx, ref); err != nil || there {
			return errors.Join(err, fmt.Errorf("the source still has the assignment %.40q", ref.String()))
		}
	}
	return nil
}

// isThere reports whether the source has an assignment that was taken before.
func (b *combinationBench) isThere(ctx context.Context, ref streamlease.StreamRef) (bool, error) {
	results, err := b.observer.Source.Take(ctx, watcher, []ports.TakeRequest{{Ref: ref, Token: 1}})
	if err != nil {
		return false, err
	}
	return !errors.Is(results[0].Err, ports.ErrDone), nil
}

func (b *combinationBench) leasesLeft(ctx context.Context) error {
	names := make([]string, len(b.expected))
	for i, ref := range b.expected {
		names[i] = ref.Name
	}
	if len(names) == 0 {
		return nil
	}
	results, err := b.observer.Leases.Inspect(ctx, names)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err != nil || result.Held {
			return errors.Join(result.Err, fmt.Errorf("the lease on %.40q is still held, with token %d", names[i], result.Holder.Lease.Token))
		}
	}
	return nil
}

func (b *combinationBench) backlogLeft(ctx context.Context) error {
	fleet, err := b.observer.Source.Heartbeat(ctx, ports.Beat{Member: watcher, Leaving: true, Expiry: b.ttl})
	if err == nil && fleet.Backlog > 0 {
		err = fmt.Errorf("%d assignments wait to be fetched", fleet.Backlog)
	}
	return err
}

func (b *combinationBench) quarantineDiffers() error {
	listed, err := b.instance.Quarantine()
	if err != nil {
		return err
	}
	for _, one := range listed {
		if !b.quarantine[one.Ref.MessageID] {
			return fmt.Errorf("%.40q is in quarantine: %s", one.Ref.String(), one.Reason)
		}
	}
	if len(listed) != len(b.quarantine) {
		return fmt.Errorf("%d assignments are in quarantine, not %d", len(listed), len(b.quarantine))
	}
	return nil
}

// awaitOwned waits until each of the assignments has one owner, by the word of
// applications that can know it.
func (b *combinationBench) awaitOwned(refs []streamlease.StreamRef) {
	b.await(fmt.Sprintf("each of %d streams has one owner", len(refs)), func() error {
		for _, ref := range refs {
			if owners := b.books.ownersOf(ref); len(owners) != 1 {
				return fmt.Errorf("%.40q has %d owners", ref.String(), len(owners))
			}
		}
		return nil
	})
}

// largest is the member that owns most.
func (b *combinationBench) largest() (largest *combinationMember, owned []*heardTenure) {
	for _, member := range b.members {
		if theirs := b.books.of(member); len(theirs) > len(owned) {
			largest, owned = member, theirs
		}
	}
	if largest == nil {
		b.stop("no member owns anything")
	}
	return largest, owned
}

// owning is a fleet of so many members that own all streams.
func (b *combinationBench) owning(members int) []streamlease.StreamRef {
	b.join(members)
	refs := b.announce(b.streams()...)
	b.awaitOwned(refs)
	return refs
}
