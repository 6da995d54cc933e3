package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// orError is the answer of a whole call in words.
func orError(err error, text func() string) string {
	if err != nil {
		return shortError(err)
	}
	return text()
}

func refText(ref ports.StreamRef) string { return shortName(ref.Name) + ":" + ref.MessageID }

func assignmentText(assignment ports.Assignment) string { return refText(assignment.Ref) }

func announcedText(result ports.AnnounceResult) string {
	return orError(result.Err, func() string { return refText(result.Ref) })
}

func beatText(beat ports.Beat) string {
	text := fmt.Sprintf("owned %d, expiry %v, knows version %d", beat.Owned, beat.Expiry, beat.FleetVersion)
	if beat.HasRoom {
		text += ", room"
	}
	if beat.Leaving {
		text += ", leaving"
	}
	return text
}

func fleetText(fleet ports.Fleet) string {
	members := "the same members"
	if fleet.Members != nil {
		members = "members " + listed(fleet.Members, fleetMemberText)
	}
	return fmt.Sprintf("version %d, %s, owned %d (with room %d), backlog %d, oldest waits %v, taken: %s",
		fleet.Version, members, fleet.Owned, fleet.OwnedWithRoom, fleet.Backlog, fleet.OldestWait, tallyText(fleet.Taken))
}

func fleetMemberText(member ports.FleetMember) string {
	if member.HasRoom {
		return member.Member.Incarnation + " with room"
	}
	return member.Member.Incarnation + " without room"
}

func fetchedText(fetched ports.Fetched) string {
	return fmt.Sprintf("%s, %d left", listed(fetched.Assignments, assignmentText), fetched.Left)
}

func deliveryText(delivery ports.Delivery) string {
	text := refText(delivery.Assignment.Ref)
	if delivery.Taken {
		return fmt.Sprintf("%s taken with token %d", text, delivery.Token)
	}
	return fmt.Sprintf("%s not taken, token %d", text, delivery.Token)
}

func deliveriesText(page ports.DeliveryPage) string {
	return fmt.Sprintf("%s, next %.50q, %s", listed(page.Deliveries, deliveryText), page.Next, tallyText(page.Taken))
}

func takeText(request ports.TakeRequest) string {
	text := fmt.Sprintf("%s token %d stable after %v", refText(request.Ref), request.Token, request.StableAfter)
	if request.Suspect != 0 {
		text += fmt.Sprintf(" suspect from %d crashes", request.Suspect)
	}
	if request.Trial {
		text += " on trial"
	}
	return text
}

func takenText(result ports.TakeResult) string {
	tally := tallyText(result.Taken)
	if result.Err != nil {
		return fmt.Sprintf("%s, remembered %d, retry in %v, %d crashes, %s", shortError(result.Err), result.Remembered, result.RetryIn, result.Crashes, tally)
	}
	alone := ""
	if result.CrashedAlone {
		alone = " (alone)"
	}
	return fmt.Sprintf("taken, changed %t, %d failures, %d crashes%s, %s", result.Changed, result.Failures, result.Crashes, alone, tally)
}

func settlementText(settlement ports.Settlement) string {
	text := fmt.Sprintf("%s token %d %v", refText(settlement.Ref), settlement.Token, settlement.Outcome)
	if settlement.RetryIn != 0 {
		text += fmt.Sprintf(" retry in %v", settlement.RetryIn)
	}
	if settlement.StableAfter != 0 {
		text += fmt.Sprintf(" stable after %v", settlement.StableAfter)
	}
	return text
}

func settledText(result ports.SettleResult) string {
	tally := tallyText(result.Taken)
	if result.Err != nil {
		return fmt.Sprintf("%s, remembered %d, %s", shortError(result.Err), result.Remembered, tally)
	}
	return fmt.Sprintf("ok, gone %t, changed %t, %s", result.Gone, result.Changed, tally)
}

func sweepText(request ports.SweepRequest) string {
	return fmt.Sprintf("limit %d, interval %v, %d per second", request.Limit, request.Interval, request.PerSecond)
}

func sweptText(swept ports.Swept) string {
	text := fmt.Sprintf("%s token %d, age %v", refText(swept.Assignment.Ref), swept.Token, swept.Age)
	if swept.Settled {
		text += fmt.Sprintf(", settled, retry in %v", swept.RetryIn)
	}
	return text
}

func sweptPageText(page ports.SweepPage) string {
	more := ""
	if page.More {
		more = " and more"
	}
	return fmt.Sprintf("due %s%s, round %d: %s, size of the last %d, next in %v",
		listed(page.Due, sweptText), more, page.RoundNumber, listed(page.Round, sweptText), page.RoundSize, page.NextIn)
}
