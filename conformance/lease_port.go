package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var leasePortQuestions = []leaseQuestion{
	{
		where:   "ports",
		text:    "Batch in, one result for each item in the same order, an error in each result.",
		examine: leaseBatchesAreAnsweredInOrder,
	}, {
		where:   "ports",
		text:    "Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob characters included.",
		examine: leaseNamesMayBeAnything,
	}, {
		where:   "ports",
		text:    "It does not retry, cache, wait, log or start work in the background beyond what its connection needs",
		examine: leaseCallsDoNotWait,
	}, {
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		examine: leaseCallsEndByTheirCtx,
	}, {
		where:   "ports",
		text:    "An error for the whole call is either ErrRefused (a definite no: nothing was done; best as a *RefusedError, which names server, command and advice), or anything else",
		examine: whatIsRefusedIsNotDone,
	}, {
		where:   "ports",
		text:    "then the outcome of each item is unknown",
		examine: whatHasNoAnswerIsUnknown,
	}, {
		where:   "ports",
		text:    "a command that a client library repeats by itself after a lost reply breaks the contract.",
		examine: nothingIsRepeatedAfterALostReply,
	},
}

// hugeBatch is larger than what most libraries put into one command.
const hugeBatch = 2000

func leaseBatchesAreAnsweredInOrder(b *leaseBench) {
	b.store.acquire(alice, long)
	b.store.renew(long)
	b.store.release()
	b.store.inspect()
	b.mixedBatch()
	b.hugeBatch()
}

// mixedBatch has a request of each kind of outcome.
func (b *leaseBench) mixedBatch() {
	held := b.holding(1)
	fresh, other := b.requestFor(held, "fresh"), b.requestFor(held, "other")
	requests := []ports.AcquireRequest{
		{Ref: held[0].Ref, Grant: b.newGrant(), Open: true},
		fresh,
		{Ref: ref("nowhere"), Grant: b.newGrant()},
		{Ref: ref("opened"), Grant: b.newGrant(), Open: true},
		b.requestFor(held, "fresh"),
		other,
	}
	acquired, _ := b.store.acquire(alice, long, requests...)
	for i, is := range []func(error) bool{isHeld, isSuccess, isExpired, isSuccess, isHeld, isSuccess} {
		if !is(acquired[i].Err) {
			b.violated("item %d of a mixed Acquire answers %s, which is another item's answer", i+1, b.acquiredText(acquired[i]))
		}
	}
	results, _ := b.store.inspect("nowhere", "other", "fresh", "opened")
	for i, want := range []ports.GrantID{{}, other.Grant, fresh.Grant, requests[3].Grant} {
		if results[i].Holder.Lease.Grant != want || results[i].Held == want.IsZero() {
			b.violated("item %d of an Inspect answers %s; it must be %s", i+1, b.inspectedText(results[i]), b.labels.of(want))
		}
	}
	for i, token := range []ports.Token{1: acquired[5].Token, 2: acquired[1].Token, 3: acquired[3].Token} {
		if results[i].Holder.Lease.Token != token {
			b.violated("item %d of an Inspect answers %s; its token is %d", i+1, b.inspectedText(results[i]), token)
		}
	}
}

func isSuccess(err error) bool { return err == nil }

func (b *leaseBench) hugeBatch() {
	opened, _ := b.opened(bob, "huge", long)
	requests := make([]ports.AcquireRequest, hugeBatch)
	names := make([]string, hugeBatch)
	for i := range requests {
		names[i] = fmt.Sprintf("huge-%d", i)
		if i%7 == 3 {
			names[i] = "huge"
		}
		requests[i] = b.requestFor([]ports.Lease{opened}, names[i])
	}
	acquired, _ := b.store.acquire(bob, long, requests...)
	inspected, _ := b.store.inspect(names...)
	releases := make([]ports.ReleaseRequest, hugeBatch)
	for i, result := range acquired {
		taken := names[i] != "huge"
		if taken != (result.Err == nil) || taken && (inspected[i].Holder.Lease.Token != result.Token || inspected[i].Holder.Lease.Ref.Name != names[i]) {
			b.stop("item %d of an Acquire of %d answers %s, and Inspect %s; every seventh name is held, all others are free",
				i+1, hugeBatch, b.acquiredText(result), b.inspectedText(inspected[i]))
		}
		releases[i].Lease = ports.Lease{Ref: requests[i].Ref, Grant: requests[i].Grant, Token: result.Token}
	}
	b.hugeRenewal(requests)
	released, _ := b.store.release(releases...)
	for i, result := range released {
		if result.Err != nil || result.Changed != (names[i] != "huge") {
			b.stop("item %d of a Release of %d answers %s", i+1, hugeBatch, releasedText(result))
		}
	}
}

// hugeRenewal renews a grant for each item, which repeat where one grant covers
// many leases.
func (b *leaseBench) hugeRenewal(requests []ports.AcquireRequest) {
	grants := make([]ports.GrantID, len(requests))
	unknown := b.newGrant()
	for i, request := range requests {
		grants[i] = request.Grant
		if request.Ref.Name == "huge" {
			grants[i] = unknown
		}
	}
	renewed, _ := b.store.renew(long, grants...)
	for i, result := range renewed {
		if isExpired(result.Err) != (grants[i] == unknown) {
			b.stop("item %d of a Renew of %d answers %s; every seventh grant is unknown, all others live", i+1, len(grants), renewedText(result))
		}
	}
}

// namesOfAnyKind are those that adapters have stumbled over.
func namesOfAnyKind() []string {
	return []string{
		"a", "a:b", "a:", ":a", "::", "a b", " a", "a ", "\x00", "a\x00", "a\x00b", "\n", "a\nb", "a\r\nb",
		"*", "a*", "?", "[a]", "[", "\\", "{", "}", "{}", "{a}", "{a}:b", "'", `"`, `a"b`, "%", "%s", "%00",
		"/", "a/b", "..", "0", "-1", "1e3", "nil", "null", "true", "ключ", "e\u0301", "é", "A", "a\u200b",
		"\U0001F511", "\ufffd", "\ufeffa", strings.Repeat("n", 300),
		strings.Repeat("n", ports.MaxNameBytes-1), strings.Repeat("n", ports.MaxNameBytes-1) + "m", strings.Repeat("n", ports.MaxNameBytes),
	}
}

func leaseNamesMayBeAnything(b *leaseBench) {
	names := namesOfAnyKind()
	var held []ports.Lease
	requests := []ports.AcquireRequest{b.requestFor(nil, names[0])}
	first, _ := b.acquired(alice, requests[0], long)
	held = append(held, first)
	for _, name := range names[1:] {
		requests = append(requests, b.requestFor(held, name))
	}
	results, _ := b.store.acquire(alice, long, requests[1:]...)
	for i, result := range results {
		if result.Err != nil {
			b.stop("Acquire of the name %s failed with %s; no other name is the same", shortName(names[i+1]), b.acquiredText(result))
		}
		held = append(held, ports.Lease{Ref: requests[i+1].Ref, Grant: requests[i+1].Grant, Token: result.Token})
	}
	b.expectNamesKnown(held)
	b.releaseEverySecond(held)
}

// expectNamesKnown wants every lease to be found by its very name.
func (b *leaseBench) expectNamesKnown(held []ports.Lease) {
	names := make([]string, len(held))
	for i, lease := range held {
		names[i] = lease.Ref.Name
	}
	inspected, _ := b.another().inspect(names...)
	for i, lease := range held {
		b.expectInspected(inspected[i], alice, lease)
		if !b.sessions() {
			b.expectListed(lease.Grant, []ports.Lease{lease}, "it was acquired under this name")
		}
	}
	if b.sessions() {
		listed, _, err := b.listedBy(held[0].Grant, 7)
		b.expectSuccess(err, "Leases of a grant with names of any kind")
		b.compareListed(listed, held, "they were acquired under these names")
	}
}

// releaseEverySecond releases names of which the next is much alike, and must
// stay.
func (b *leaseBench) releaseEverySecond(held []ports.Lease) {
	for _, odd := range []int{0, 1} {
		var releases []ports.ReleaseRequest
		for i := odd; i < len(held); i += 2 {
			releases = append(releases, ports.ReleaseRequest{Lease: held[i]})
		}
		results, _ := b.store.release(releases...)
		for i, result := range results {
			if result.Err != nil || !result.Changed {
				b.violated("Release of the name %s answered %s", shortName(releases[i].Lease.Ref.Name), releasedText(result))
			}
		}
	}
	if b.sessions() {
		b.expectTally(b.renew(held[0].Grant, long).Tally, ports.Tally{Change: 2 * int64(len(held))}, "Renew after all names were released")
	}
}

// leaseCallsDoNotWait compares calls that meet a holder, or nothing, with those
// that succeed: an adapter that waits for a name, or tries it again, takes
// longer.
func leaseCallsDoNotWait(b *leaseBench) {
	const tries, most = 5, 250 * time.Millisecond
	held := b.holding(1)
	shortest := time.Duration(1<<63 - 1)
	for i := range tries {
		began := time.Now()
		b.opened(alice, fmt.Sprintf("quick%d", i), long)
		success := time.Since(began)
		began = time.Now()
		met := b.acquire(bob, ports.AcquireRequest{Ref: held[0].Ref, Grant: b.newGrant(), Open: true})
		b.expectError(met.Err, isHeld, "ErrHeld", "Acquire of a name that is held")
		shortest = min(shortest, time.Since(began)-5*success)
	}
	if shortest > most {
		b.violated("Acquire of a name that is held takes %v longer than one of a free name; it answers ErrHeld at once, and does not wait for the name", shortest)
	}
	b.nothingIsCached(held[0])
}

// nothingIsCached changes over one handle what the other has just seen.
func (b *leaseBench) nothingIsCached(lease ports.Lease) {
	other := b.another()
	b.expectHeld(lease, "alice acquired it")
	other.release(ports.ReleaseRequest{Lease: lease})
	b.expectFree(lease.Ref.Name, "it was released over another handle")
	taken, _ := other.acquire(bob, long, ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true})
	b.expectSuccess(taken[0].Err, "Acquire over another handle")
	met := b.acquire(alice, b.requestFor(nil, lease.Ref.Name))
	b.expectError(met.Err, isHeld, "ErrHeld", "Acquire of a name that was just acquired over another handle")
	if b.sessions() {
		return
	}
	if err := b.renew(lease.Grant, long).Err; !isExpired(err) {
		b.violated("Renew of a single grant whose lease was released over another handle answers %v, not ErrExpired", err)
	}
}
