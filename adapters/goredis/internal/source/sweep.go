package source

import (
	"context"

	"github.com/streamlease/streamlease/ports"
)

const (
	// sweepBytes is how much payload is enough for a page of the sweep. It is
	// read for ever, in small pages.
	sweepBytes = 1 << 20
	// walkPage is about how many records are looked at with each page: enough
	// to find, in time, those that nothing else leads to.
	walkPage = 10
)

// Sweep implements ports.StreamSource. It does not matter who asks: a page of
// the round goes to who comes first.
func (s *Source) Sweep(ctx context.Context, _ ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	raw, err := s.run(ctx, s.conn.Rest, sweepScript,
		pageSize(request.Limit), millis(request.Interval), max(request.PerSecond, 0), sweepBytes, walkPage)
	if err != nil {
		return ports.SweepPage{}, err
	}
	answer := readReply(raw)
	page, bad := readSweep(answer)
	if !answer.ok() {
		return ports.SweepPage{}, sweepScript.BadReply(raw)
	}
	// The page is good also when the move fails: the next round meets them.
	_ = s.quarantineMalformed(ctx, bad)
	return page, nil
}

func readSweep(answer *reply) (page ports.SweepPage, bad []malformed) {
	due, round := answer.list(), answer.list()
	page.Due, bad = readSwept(due, bad)
	page.Round, bad = readSwept(round, bad)
	page.More = answer.flag()
	page.RoundNumber, page.RoundSize = answer.number(), answer.number()
	page.NextIn = answer.milliseconds()
	answer.bad = answer.bad || due.bad || round.bad
	return page, bad
}

func readSwept(answer *reply, bad []malformed) ([]ports.Swept, []malformed) {
	var page []ports.Swept
	for !answer.isEmpty() {
		assignment, problem := readAssignment(answer)
		swept := ports.Swept{
			Assignment: assignment,
			Token:      answer.token(),
			Taker:      answer.taker(),
			Settled:    answer.flag(),
			Age:        answer.milliseconds(),
			RetryIn:    answer.milliseconds(),
		}
		if problem != nil {
			bad = append(bad, malformed{assignment.Ref.MessageID, problem})
			continue
		}
		page = append(page, swept)
	}
	return page, bad
}
