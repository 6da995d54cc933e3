package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

var pageQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Leases",
		text:    "Leases pages through what a grant holds, or, once it has expired, what it left behind and nobody has taken since.",
		examine: leasesListsWhatAGrantHolds,
	}, {
		where:   "LeaseStore.Leases",
		text:    "The cursor is empty for the first page, else the Next of the page before.",
		examine: leasesGoesOnAtItsCursor,
	}, {
		where:   "LeaseStore.Leases",
		text:    "A lease that is there from the first page to the last is listed at least once.",
		examine: leasesMissesNothingThatStays,
	}, {
		where:   "LeaseStore.Leases",
		text:    "A grant that the store does not know at all is ErrExpired.",
		examine: leasesOfAnUnknownGrantIsExpired,
	}, {
		where:   "LeaseStore.Leases",
		text:    "What an expired grant left behind is kept until it was taken or released",
		examine: whatIsLeftBehindIsKept,
	}, {
		where:   "LeaseStore.Leases",
		text:    "a grant with nothing left is forgotten.",
		examine: aGrantWithNothingLeftIsForgotten,
	}, {
		where:   "LeasePage.Expired",
		text:    "Expired: the grant is over, and what is listed is what it left behind and nobody took yet.",
		examine: pagesSayWhetherTheGrantIsOver,
	}, {
		where:   "LeasePage.Tally",
		text:    "Tally is the grant's, at the instant the page was read, or an earlier one of the same call.",
		examine: pagesAnswerTheTally,
	}, {
		where:   "Lease.Ref",
		text:    "Ref.Name is what is leased; Ref.MessageID is only remembered, for those who find the lease later.",
		examine: theMessageIDIsRemembered,
	},
}

func leasesListsWhatAGrantHolds(b *leaseBench) {
	held := b.holding(3)
	b.opened(bob, "bob's", long)
	for _, lease := range held {
		want := []ports.Lease{lease}
		if b.sessions() {
			want = held
		}
		b.expectListed(lease.Grant, want, "alice acquired them in this grant")
	}
	if b.sessions() {
		b.released(held[1])
		b.expectListed(held[0].Grant, []ports.Lease{held[0], held[2]}, "the second of three was released")
	}
	lost := b.lost(2)
	b.opened(bob, lost[0].Ref.Name, long)
	b.expectListed(lost[1].Grant, lost[1:], "the grant has expired, and bob took the first of its two names")
}

// leasesGoesOnAtItsCursor pages in every size. Nothing changes meanwhile, so
// the pages together are what the grant holds.
func leasesGoesOnAtItsCursor(b *leaseBench) {
	const count = 7
	held := b.holding(count)
	if !b.sessions() {
		held = held[:1]
	}
	for _, limit := range []int{1, 2, 3, count - 1, count, count + 1, 1000} {
		b.expectPages(held, limit)
	}
}

func (b *leaseBench) expectPages(held []ports.Lease, limit int) {
	var listed []ports.Lease
	cursor := ""
	for range 3 * (len(held) + 1) {
		page, err := b.store.leases(held[0].Grant, cursor, limit)
		if err != nil {
			b.violated("Leases with cursor %q failed: %v", cursor, err)
			return
		}
		if len(page.Leases) > limit {
			b.violated("a page has %d leases; the limit was %d", len(page.Leases), limit)
		}
		listed = append(listed, page.Leases...)
		if cursor = page.Next; cursor == "" {
			b.compareListed(listed, held, fmt.Sprintf("paging with limit %d, while nothing changed", limit))
			return
		}
	}
	b.violated("Leases with limit %d comes to no end: %d leases are listed of %d", limit, len(listed), len(held))
}

// leasesMissesNothingThatStays removes and adds leases between the pages.
func leasesMissesNothingThatStays(b *leaseBench) {
	if !b.sessions() {
		leasesGoesOnAtItsCursor(b)
		return
	}
	for _, limit := range []int{1, 2, 3} {
		b.pageWhileOthersChange(limit)
	}
}

func (b *leaseBench) pageWhileOthersChange(limit int) {
	const count = 12
	var held []ports.Lease
	for i := range count {
		held = append(held, b.further(held, fmt.Sprintf("limit%d-%d", limit, i), long))
	}
	stays := map[ports.Lease]bool{}
	for i, lease := range held {
		stays[lease] = i%3 != 0
	}
	cursor, pages := "", 0
	for ; pages <= 3*count; pages++ {
		page, err := b.store.leases(held[0].Grant, cursor, limit)
		if err != nil {
			b.stop("Leases with cursor %q failed: %v", cursor, err)
		}
		for _, lease := range page.Leases {
			delete(stays, lease)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		if goes := 3 * pages; goes < count {
			b.released(held[goes])
			b.further(held, fmt.Sprintf("added%d-%d", limit, pages), long)
		}
	}
	for lease, stayed := range stays {
		if stayed {
			b.violated("Leases in pages of %d does not list %s, which was there from the first page to the last", limit, b.leaseText(lease))
		}
	}
}

func leasesOfAnUnknownGrantIsExpired(b *leaseBench) {
	b.holding(1)
	_, err := b.store.leases(b.newGrant(), "", 10)
	b.expectError(err, isExpired, "ErrExpired", "Leases of a grant that was never opened")
	ended, _ := b.opened(bob, "ended", long)
	b.released(ended)
	b.ended(ended.Grant)
	_, err = b.store.leases(ended.Grant, "", 10)
	b.expectError(err, isExpired, "ErrExpired", "Leases of a grant that was ended")
}

func whatIsLeftBehindIsKept(b *leaseBench) {
	lost := b.lost(3)
	byGrant := func(from int) []ports.Lease {
		if b.sessions() {
			return lost[from:]
		}
		return lost[2:]
	}
	grant := lost[2].Grant
	b.pass(3 * b.limits.SmallestTTL)
	b.journal.note(b.now(), "more time has passed")
	b.expectListed(grant, byGrant(0), "the grant has expired, and nobody took or released them")
	b.inspect(lost[0].Ref.Name)
	b.renew(grant, long)
	b.acquire(alice, ports.AcquireRequest{Ref: ref("late"), Grant: grant})
	b.expectListed(grant, byGrant(0), "calls that named the dead grant changed nothing")
	if released := b.release(lost[0]); released.Err != nil || !released.Changed {
		b.violated("the Release of what an expired grant left behind answered %s; nobody took it since", releasedText(released))
	}
	b.opened(bob, lost[1].Ref.Name, long)
	b.expectListed(grant, byGrant(2), "the first was released, and bob took the second")
}

func aGrantWithNothingLeftIsForgotten(b *leaseBench) {
	taken := b.lost(2)
	for _, lease := range taken {
		b.opened(bob, lease.Ref.Name, long)
	}
	b.expectUnknownGrant(taken[0].Grant, "bob has taken all that it left behind")
	released := b.lost(2)
	for _, lease := range released {
		b.release(lease)
	}
	b.expectUnknownGrant(released[1].Grant, "all that it left behind was released")
}

func pagesSayWhetherTheGrantIsOver(b *leaseBench) {
	for _, lease := range b.holding(2) {
		page, err := b.store.leases(lease.Grant, "", 1)
		b.expectSuccess(err, "Leases of a grant that lives")
		if page.Expired {
			b.violated("Leases says that %s is over; it lives", b.labels.of(lease.Grant))
		}
	}
	lost := b.lost(3)
	cursor := ""
	for range lost {
		page, err := b.store.leases(lost[0].Grant, cursor, 1)
		b.expectSuccess(err, "Leases of a grant that has expired with leases in it")
		if err == nil && !page.Expired {
			b.violated("Leases does not say that %s is over; it has expired", b.labels.of(lost[0].Grant))
		}
		if cursor = page.Next; cursor == "" {
			return
		}
	}
}

func pagesAnswerTheTally(b *leaseBench) {
	held := b.holding(3)
	want := ports.Tally{Change: 1, Count: 1}
	if b.sessions() {
		want = ports.Tally{Change: 3, Count: 3}
	}
	cursor := ""
	for range held {
		page, err := b.store.leases(held[0].Grant, cursor, 1)
		b.expectSuccess(err, "Leases of a grant that lives")
		b.expectTally(page.Tally, want, "a page of one lease")
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if b.sessions() {
		b.released(held[2])
		page, _ := b.store.leases(held[0].Grant, "", 1)
		b.expectTally(page.Tally, ports.Tally{Change: 4, Count: 2}, "a page after a Release")
	}
}

func theMessageIDIsRemembered(b *leaseBench) {
	request := b.requestFor(nil, "s")
	request.Ref.MessageID = "18446744073709551614-18446744073709551613"
	lease, _ := b.acquired(alice, request, long)
	b.expectListed(lease.Grant, []ports.Lease{lease}, "it was acquired with this message ID")
	found := b.inspect("s").Holder.Lease
	if found != lease {
		b.violated("Inspect answers %s with message ID %q; it was acquired with %q", b.leaseText(found), found.Ref.MessageID, lease.Ref.MessageID)
	}
	other := lease
	other.Ref.MessageID = "1-1"
	if released := b.release(other); !released.Changed {
		b.violated("the Release with another message ID answered %s; only name, grant and token matter", releasedText(released))
	}
}
