package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// The methods of sourceMember make the calls of one handle, and write them into
// the journal. An error for a whole call becomes that of each of its items, as
// it does in the client. They may be called concurrently.

func (m *sourceMember) try(call string, do func(ctx context.Context) string) span {
	return m.bench.call(m.bench.pace, m.Incarnation+": "+call, do)
}

// beatWith sends a beat of the member.
func (m *sourceMember) beatWith(beat ports.Beat) (fleet ports.Fleet, when span) {
	beat.Member = m.Member
	var err error
	when = m.try("Heartbeat("+beatText(beat)+")", func(ctx context.Context) string {
		fleet, err = m.port.Heartbeat(ctx, beat)
		return orError(err, func() string { return fleetText(fleet) })
	})
	if err != nil {
		m.bench.stop("Heartbeat failed: %v", err)
	}
	return fleet, when
}

// beat says that the member lives for as long as any check takes.
func (m *sourceMember) beat() ports.Fleet {
	fleet, _ := m.beatWith(ports.Beat{HasRoom: true, Expiry: long})
	return fleet
}

// fetch asks once, and waits for next to nothing. (Not for nothing: what an
// adapter makes of no wait at all is another question.)
func (m *sourceMember) fetch(limit int) ports.Fetched {
	fetched, err := m.fetchWithin(limit, time.Millisecond)
	if err != nil {
		m.bench.stop("Fetch failed: %v", err)
	}
	return fetched
}

func (m *sourceMember) fetchWithin(limit int, wait time.Duration) (fetched ports.Fetched, err error) {
	m.try(fmt.Sprintf("Fetch(max %d, wait %v)", limit, wait), func(ctx context.Context) string {
		fetched, err = m.port.Fetch(ctx, m.Member, limit, wait)
		return orError(err, func() string { return fetchedText(fetched) })
	})
	if len(fetched.Assignments) > max(limit, 0) {
		m.bench.violated("Fetch of at most %d answered %d assignments", limit, len(fetched.Assignments))
	}
	return fetched, err
}

// fetchAll fetches until nothing comes any more.
func (m *sourceMember) fetchAll() (all []ports.Assignment) {
	const mostFetches = 10_000
	for range mostFetches {
		fetched := m.fetch(1000)
		all = append(all, fetched.Assignments...)
		if len(fetched.Assignments) == 0 {
			return all
		}
	}
	m.bench.stop("Fetch has no end: it answered assignments %d times", mostFetches)
	return nil
}

func (m *sourceMember) page(of ports.Member, cursor string, limit int) ports.DeliveryPage {
	page, err := m.tryPage(of, cursor, limit)
	if err != nil {
		m.bench.stop("Deliveries failed: %v", err)
	}
	return page
}

func (m *sourceMember) tryPage(of ports.Member, cursor string, limit int) (page ports.DeliveryPage, err error) {
	m.try(fmt.Sprintf("Deliveries(of %s, cursor %.50q, limit %d)", of.Incarnation, cursor, limit), func(ctx context.Context) string {
		page, err = m.port.Deliveries(ctx, of, cursor, limit)
		return orError(err, func() string { return deliveriesText(page) })
	})
	if len(page.Deliveries) > limit {
		m.bench.violated("Deliveries of at most %d answered %d", limit, len(page.Deliveries))
	}
	return page, err
}

// deliveriesOf pages through all, and returns the last page's tally too.
func (m *sourceMember) deliveriesOf(of ports.Member, limit int) (all []ports.Delivery, tally ports.Tally) {
	const mostPages = 10_000
	cursor := ""
	for range mostPages {
		page := m.page(of, cursor, limit)
		all = append(all, page.Deliveries...)
		if page.Next == "" {
			return all, page.Taken
		}
		cursor = page.Next
	}
	m.bench.stop("Deliveries has no last page: %d pages of %d, and there is still a Next", mostPages, limit)
	return nil, tally
}

// deliveries are the member's own.
func (m *sourceMember) deliveries() []ports.Delivery {
	all, _ := m.deliveriesOf(m.Member, 100)
	return all
}

func (m *sourceMember) takeAll(requests ...ports.TakeRequest) (results []ports.TakeResult, when span) {
	when = m.try("Take("+listed(requests, takeText)+")", func(ctx context.Context) string {
		var err error
		results, err = m.port.Take(ctx, m.Member, requests)
		results = spread(results, err, len(requests), func(err error) ports.TakeResult { return ports.TakeResult{Err: err} })
		return listed(results, takenText)
	})
	m.bench.sameNumber("Take", len(requests), len(results))
	return results, when
}

func (m *sourceMember) take(ref ports.StreamRef, token ports.Token) ports.TakeResult {
	results, _ := m.takeAll(ports.TakeRequest{Ref: ref, Token: token})
	return results[0]
}

// taken takes what must be free to take.
func (m *sourceMember) taken(ref ports.StreamRef, token ports.Token) ports.TakeResult {
	result := m.take(ref, token)
	if result.Err != nil {
		m.bench.stop("%s can take %s with token %d, and Take answers %s", m.Incarnation, refText(ref), token, takenText(result))
	}
	return result
}

func (m *sourceMember) settleAll(settlements ...ports.Settlement) (results []ports.SettleResult, when span) {
	when = m.try("Settle("+listed(settlements, settlementText)+")", func(ctx context.Context) string {
		var err error
		results, err = m.port.Settle(ctx, m.Member, settlements)
		results = spread(results, err, len(settlements), func(err error) ports.SettleResult { return ports.SettleResult{Err: err} })
		return listed(results, settledText)
	})
	m.bench.sameNumber("Settle", len(settlements), len(results))
	return results, when
}

func (m *sourceMember) settle(ref ports.StreamRef, token ports.Token, outcome ports.Outcome) ports.SettleResult {
	results, _ := m.settleAll(ports.Settlement{Ref: ref, Token: token, Outcome: outcome, Reason: "because"})
	return results[0]
}

// settled ends a tenure that is the member's own.
func (m *sourceMember) settled(settlement ports.Settlement) (ports.SettleResult, span) {
	results, when := m.settleAll(settlement)
	if results[0].Err != nil {
		m.bench.stop("%s owns %s with token %d, and Settle answers %s", m.Incarnation, refText(settlement.Ref), settlement.Token, settledText(results[0]))
	}
	return results[0], when
}

// ended is settled, without a reason and a retry time.
func (m *sourceMember) ended(ref ports.StreamRef, token ports.Token, outcome ports.Outcome) {
	m.settled(ports.Settlement{Ref: ref, Token: token, Outcome: outcome, Reason: "because"})
}

func (m *sourceMember) sweep(request ports.SweepRequest) (page ports.SweepPage, when span) {
	var err error
	when = m.try("Sweep("+sweepText(request)+")", func(ctx context.Context) string {
		page, err = m.port.Sweep(ctx, m.Member, request)
		return orError(err, func() string { return sweptPageText(page) })
	})
	if err != nil {
		m.bench.stop("Sweep failed: %v", err)
	}
	return page, when
}
