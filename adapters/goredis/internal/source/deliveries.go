package source

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// restorePage is about how many records one script puts back into the pending
// lists.
const restorePage = 500

// Deliveries implements ports.StreamSource.
func (s *Source) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	if err := checkMember(member); err != nil {
		return ports.DeliveryPage{}, refuse("Deliveries", err)
	}
	if cursor != "" && !IsMessageID(cursor) {
		return ports.DeliveryPage{}, refuse("Deliveries", fmt.Errorf("%w: the cursor %.100q is no message ID", ports.ErrInvalid, cursor))
	}
	for {
		raw, err := s.run(ctx, s.conn.Rest, deliveriesScript, member.Incarnation, cursor, pageSize(limit), pageBytes)
		if err != nil {
			return ports.DeliveryPage{}, err
		}
		answer := readReply(raw)
		if answer.text() == "restoring" {
			if err := s.restore(ctx); err != nil {
				return ports.DeliveryPage{}, err
			}
			continue
		}
		page, malformed := readDeliveries(answer)
		if !answer.ok() {
			return ports.DeliveryPage{}, deliveriesScript.BadReply(raw)
		}
		return page, s.quarantineMalformed(ctx, malformed)
	}
}

// restore puts everything that is taken back into its takers' pending lists,
// after the group was made again.
func (s *Source) restore(ctx context.Context) error {
	for {
		raw, err := s.run(ctx, s.conn.Rest, restoreScript, restorePage)
		if err != nil {
			return err
		}
		switch raw {
		case int64(1):
			return nil
		case int64(0):
		default:
			return restoreScript.BadReply(raw)
		}
	}
}

// readDeliveries reads what follows the word "page".
func readDeliveries(answer *reply) (page ports.DeliveryPage, bad []malformed) {
	page.Taken = answer.tally()
	page.Next = answer.cursor()
	for !answer.isEmpty() {
		assignment, problem := readAssignment(answer)
		delivery := ports.Delivery{Assignment: assignment, Token: answer.token(), Taken: answer.flag()}
		if problem != nil {
			bad = append(bad, malformed{assignment.Ref.MessageID, problem})
			continue
		}
		page.Deliveries = append(page.Deliveries, delivery)
	}
	return page, bad
}

// readAssignment reads a message ID and a payload. The error says what is wrong
// with the payload; the message ID is set all the same.
func readAssignment(answer *reply) (ports.Assignment, error) {
	id, payload := answer.messageID(), answer.text()
	name, info, err := ParsePayload(payload)
	return ports.Assignment{Ref: ports.StreamRef{Name: name, MessageID: id}, Info: info}, err
}
