package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// mostExplained is how many assignments are explained; what happened to them
// happened to the others too.
const mostExplained = 5

// explain writes down what the members and the stores say, when something does
// not come about: it is the only witness of what nobody can repeat.
func (b *combinationBench) explain() {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	for _, member := range b.members {
		b.note("%v %s", member, statusText(member.Status(), time.Now()))
	}
	b.noteAnswer(b.fleetText(ctx))
	unfinished := b.books.notDone(b.expected)
	for _, ref := range unfinished[:min(len(unfinished), mostExplained)] {
		for _, member := range b.members {
			b.noteAnswer(b.deliveryText(ctx, member, ref))
		}
		b.noteAnswer(b.leaseText(ctx, ref.Name))
	}
}

// noteAnswer notes what a store answered; an empty text is nothing worth a line.
func (b *combinationBench) noteAnswer(text string, err error) {
	switch {
	case err != nil:
		b.note("a store that is asked for an explanation answers %v", err)
	case text != "":
		b.note("%s", text)
	}
}

// statusText is what a member says of itself.
func statusText(status streamlease.Status, now time.Time) string {
	ago := func(then time.Time) string {
		if then.IsZero() {
			return "never"
		}
		return now.Sub(then).Round(time.Millisecond).String() + " ago"
	}
	text := fmt.Sprintf("owns %d, sees %d members and a backlog of %d; connected %s, last renewal %s",
		status.Owned, status.Fleet, status.Backlog, ago(status.ConnectedSince), ago(status.LastRenewal))
	if status.Stale {
		text += "; its view is STALE, it takes nothing over"
	}
	if status.LastError != nil {
		text += fmt.Sprintf("; last error: %.300v", status.LastError)
	}
	return text
}

// fleetText is what the source says of all.
func (b *combinationBench) fleetText(ctx context.Context) (string, error) {
	fleet, err := b.observer.Source.Heartbeat(ctx, ports.Beat{Member: watcher, Leaving: true, Expiry: b.ttl})
	return fmt.Sprintf("the source counts %d members, which own %d; %d assignments were given to nobody, the oldest of them for %v",
		len(fleet.Members), fleet.Owned, fleet.Backlog, fleet.OldestWait), err
}

// deliveryText says whether the source has the assignment down for the member.
func (b *combinationBench) deliveryText(ctx context.Context, member *combinationMember, ref streamlease.StreamRef) (string, error) {
	who := member.gate.member.Load()
	if who == nil {
		return "", nil
	}
	for cursor := ""; ; {
		page, err := b.observer.Source.Deliveries(ctx, *who, cursor, deliveriesPage)
		if err != nil {
			return "", err
		}
		for _, delivery := range page.Deliveries {
			switch {
			case delivery.Assignment.Ref != ref:
			case delivery.Taken:
				return fmt.Sprintf("the source says that %v has taken %.40q with token %d", member, ref.String(), delivery.Token), nil
			default:
				return fmt.Sprintf("the source says that %.40q was given to %v, and not taken by it; highest token %d", ref.String(), member, delivery.Token), nil
			}
		}
		if cursor = page.Next; cursor == "" {
			return "", nil
		}
	}
}

// deliveriesPage is the size of a page of deliveries.
const deliveriesPage = 100

// leaseText says who has the lease on a name.
func (b *combinationBench) leaseText(ctx context.Context, name string) (string, error) {
	results, err := b.observer.Leases.Inspect(ctx, []string{name})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return "", err
	}
	if !results[0].Held {
		return fmt.Sprintf("the lease store says that nobody holds %.40q", name), nil
	}
	holder := results[0].Holder
	return fmt.Sprintf("the lease store says that %s holds %.40q for %.40q with token %d",
		holder.Member.ID, name, holder.Lease.Ref.String(), holder.Lease.Token), nil
}
