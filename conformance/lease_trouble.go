package conformance

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// leaseCall is one call of each kind, on a lease of alice's; what it answers
// for the item is answer.
type leaseCall struct {
	name string
	make func(ctx context.Context, store ports.LeaseStore) error
}

// callsOn are calls that succeed while alice has the lease and "free" is free.
// Release comes last, because it undoes the rest.
func (b *leaseBench) callsOn(lease ports.Lease) []leaseCall {
	request := ports.AcquireRequest{Ref: ref("free"), Grant: b.newGrant(), Open: true}
	return []leaseCall{
		{"Renew", func(ctx context.Context, store ports.LeaseStore) error {
			results, err := store.Renew(ctx, []ports.GrantID{lease.Grant}, long)
			return first(err, len(results), func() error { return results[0].Err })
		}},
		{"Acquire", func(ctx context.Context, store ports.LeaseStore) error {
			results, err := store.Acquire(ctx, bob, []ports.AcquireRequest{request}, long)
			return first(err, len(results), func() error { return results[0].Err })
		}},
		{"Leases", func(ctx context.Context, store ports.LeaseStore) error {
			_, err := store.Leases(ctx, lease.Grant, "", 10)
			return err
		}},
		{"Inspect", func(ctx context.Context, store ports.LeaseStore) error {
			results, err := store.Inspect(ctx, []string{lease.Ref.Name})
			return first(err, len(results), func() error { return results[0].Err })
		}},
		{"Release", func(ctx context.Context, store ports.LeaseStore) error {
			results, err := store.Release(ctx, []ports.ReleaseRequest{{Lease: lease}})
			return first(err, len(results), func() error { return results[0].Err })
		}},
	}
}

// first is the error of the whole call, or of its only item.
func first(err error, results int, itemErr func() error) error {
	if err != nil || results == 0 {
		return err
	}
	return itemErr()
}

// troubled makes a call over a handle and writes it down.
func (b *leaseBench) troubled(ctx context.Context, call leaseCall, store ports.LeaseStore, what string) (err error) {
	b.callWithin(ctx, b.pace, call.name+" "+what, func(ctx context.Context) string {
		err = call.make(ctx, store)
		if err == nil {
			return "success"
		}
		return shortError(err)
	})
	return err
}

func leaseCallsEndByTheirCtx(b *leaseBench) {
	b.callsWithAnEndedCtx()
	faults, able := can[LeaseStoreFaults](b.probe, b.instance)
	if !able {
		return
	}
	for _, call := range b.callsOn(b.holding(1)[0]) {
		b.endsInSilence(faults, call)
	}
}

// callsWithAnEndedCtx need not do anything, but must not lie, and must end.
func (b *leaseBench) callsWithAnEndedCtx() {
	lease, _ := b.opened(alice, "s", long)
	ended, cancel := context.WithDeadline(context.Background(), time.Now())
	defer cancel()
	for _, call := range b.callsOn(lease)[:4] {
		err := b.troubled(ended, call, b.store.port, "with a ctx that has ended")
		if isHeld(err) || isExpired(err) {
			b.violated("%s with a ctx that has ended answers %s, which is not true", call.name, shortError(err))
		}
		if call.name == "Acquire" && err == nil && !b.inspect("free").Held {
			b.violated("Acquire with a ctx that has ended says that it succeeded, and the name is free")
		}
	}
	b.expectHeld(lease, "alice acquired it and never released it")
}

// endsInSilence gives a call that is never answered a short time. It may be late
// only because the machine is slow, so being in time once is enough.
func (b *leaseBench) endsInSilence(faults LeaseStoreFaults, call leaseCall) {
	const tries, most = 3, time.Second
	timeout := b.unanswered()
	var late time.Duration
	for range tries {
		port, err := faults.HandleWith(Silence)
		b.must(err, "make a handle with a mishap")
		handle := b.adopt(port)
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		began := time.Now()
		answer := b.troubled(ctx, call, handle.port, "that is not answered, with a deadline")
		late = time.Since(began) - timeout
		cancel()
		if answer == nil {
			b.violated("%s succeeded, although nothing was answered", call.name)
		}
		if late <= most {
			return
		}
	}
	b.stop("%s with a deadline of %v, which was not answered, ended %v late, %d times", call.name, timeout, late, tries)
}

func whatIsRefusedIsNotDone(b *leaseBench) {
	refuser, able := can[Refuser](b.probe, b.instance)
	if !able {
		return
	}
	held := b.holding(2)
	before := b.renew(held[0].Grant, long).Tally
	request := ports.AcquireRequest{Ref: ref("refused"), Grant: b.newGrant(), Open: true}
	b.must(refuser.Refuse(), "make the store refuse")
	acquired := b.acquire(bob, request)
	renewed := b.renew(held[0].Grant, long)
	released := b.release(held[0])
	b.must(refuser.Accept(), "make the store accept again")

	b.expectError(acquired.Err, isRefused, "ErrRefused", "Acquire that the store refused")
	b.expectError(renewed.Err, isRefused, "ErrRefused", "Renew that the store refused")
	b.expectError(released.Err, isRefused, "ErrRefused", "Release that the store refused")
	b.expectFree("refused", "the Acquire of it was refused")
	b.expectUnknownGrant(request.Grant, "the Acquire that would have opened it was refused")
	b.expectHeld(held[0], "the Release of it was refused")
	b.expectTally(b.renew(held[0].Grant, long).Tally, before, "Renew after calls that were refused")
}

// whatHasNoAnswerIsUnknown: whoever was cut off must not say what became of the
// call.
func whatHasNoAnswerIsUnknown(b *leaseBench) {
	if _, able := can[LeaseStoreFaults](b.probe, b.instance); !able {
		return
	}
	for _, mishap := range []Mishap{CutBefore, ReplyLost, ExecutedLate, Silence} {
		b.meets(mishap)
	}
}

// meets makes each call with the mishap, on a store of its own, and looks what
// became of it.
func (b *leaseBench) meets(mishap Mishap) {
	b = newLeaseBench(b.probe, b.harness)
	defer b.close()
	faults := b.instance.(LeaseStoreFaults)
	lease := b.holding(1)[0]
	for _, call := range b.callsOn(lease) {
		port, err := faults.HandleWith(mishap)
		b.must(err, "make a handle with a mishap")
		handle := b.adopt(port)
		ctx, cancel := context.WithTimeout(context.Background(), b.patienceWith(mishap))
		answer := b.troubled(ctx, call, handle.port, "("+mishap.String()+")")
		cancel()
		if !isUnknown(answer) {
			b.violated("%s (%v) answers %v; nothing was answered, so the outcome is unknown", call.name, mishap, answer)
		}
	}
	b.must(faults.Deliver(), "deliver what was held back")
	held := b.inspect("free").Held
	if held && (mishap == CutBefore || mishap == Silence) {
		b.violated("an Acquire that never arrived (%v) was executed", mishap)
	}
	if !held && mishap == ReplyLost {
		b.violated("an Acquire whose reply was lost was not executed")
	}
}

// patienceWith is how long a call may take that meets the mishap.
func (b *leaseBench) patienceWith(mishap Mishap) time.Duration {
	if mishap == Silence || mishap == ExecutedLate {
		return b.unanswered()
	}
	return callTimeout
}

// unanswered is the deadline of a call that is not going to be answered. It is
// real time that is waited for, with a Clock too.
func (b *leaseBench) unanswered() time.Duration {
	if b.isVirtual() {
		return 20 * time.Millisecond
	}
	return 300 * time.Millisecond
}

func nothingIsRepeatedAfterALostReply(b *leaseBench) {
	faults, able := can[LeaseStoreFaults](b.probe, b.instance)
	if !able {
		return
	}
	for _, mishap := range []Mishap{ReplyLost, CutBefore} {
		lease, _ := b.opened(alice, "s-"+mishap.String(), long)
		for _, call := range b.callsOn(lease) {
			port, err := faults.HandleWith(mishap)
			b.must(err, "make a handle with a mishap")
			handle := b.adopt(port)
			ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
			answer := b.troubled(ctx, call, handle.port, "("+mishap.String()+")")
			cancel()
			if !isUnknown(answer) {
				b.violated("%s (%v) answers %v: it was made once more behind the caller's back", call.name, mishap, answer)
			}
		}
	}
}

// aLateCallRevivesNothing makes calls that name a grant after the grant has
// gone: as they would come from a member that slept, and on the wire.
func aLateCallRevivesNothing(b *leaseBench) {
	lost := b.lost(1)[0]
	b.opened(bob, lost.Ref.Name, long)
	b.comesLate(lost, "its session was collected")
	released, _ := b.opened(alice, "released", long)
	b.released(released)
	b.ended(released.Grant)
	b.comesLate(released, "it was ended")
	if flusher, able := can[Flusher](b.probe, b.instance); able {
		flushed, _ := b.opened(alice, "flushed", long)
		b.journal.note(b.now(), "the store is flushed")
		b.must(flusher.Flush(), "flush the store")
		b.comesLate(flushed, "the store was flushed")
	}
	if faults, able := can[LeaseStoreFaults](b.probe, b.instance); able {
		b.isExecutedLate(faults)
	}
}

func (b *leaseBench) comesLate(lease ports.Lease, why string) {
	late := b.acquire(alice, ports.AcquireRequest{Ref: ref("late"), Grant: lease.Grant})
	b.expectError(late.Err, isExpired, "ErrExpired", "Acquire in a grant that is gone ("+why+")")
	b.expectError(b.renew(lease.Grant, long).Err, isExpired, "ErrExpired", "Renew of a grant that is gone ("+why+")")
	b.release(lease)
	b.store.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: lease.Grant}, EndGrant: true})
	b.expectFree("late", "the Acquire of it came too late: "+why)
	b.expectUnknownGrant(lease.Grant, why)
}

// isExecutedLate sends calls while the grant lives, which arrive when it has
// ended.
func (b *leaseBench) isExecutedLate(faults LeaseStoreFaults) {
	lease, _ := b.opened(alice, "held back", long)
	requests := []leaseCall{
		{"Acquire", func(ctx context.Context, store ports.LeaseStore) error {
			_, err := store.Acquire(ctx, alice, []ports.AcquireRequest{{Ref: ref("much later"), Grant: lease.Grant}}, long)
			return err
		}},
		{"Renew", func(ctx context.Context, store ports.LeaseStore) error {
			_, err := store.Renew(ctx, []ports.GrantID{lease.Grant}, long)
			return err
		}},
	}
	for _, call := range requests {
		port, err := faults.HandleWith(ExecutedLate)
		b.must(err, "make a handle with a mishap")
		handle := b.adopt(port)
		ctx, cancel := context.WithTimeout(context.Background(), b.patienceWith(ExecutedLate))
		_ = b.troubled(ctx, call, handle.port, "(executed late)")
		cancel()
	}
	b.released(lease)
	b.ended(lease.Grant)
	b.must(faults.Deliver(), "deliver what was held back")
	b.journal.note(b.now(), "what was held back is executed")
	b.expectFree("much later", "the Acquire of it was executed when its grant had ended")
	b.expectUnknownGrant(lease.Grant, "it was ended, and what came afterwards was sent before")
}
