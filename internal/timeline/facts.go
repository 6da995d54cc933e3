package timeline

import (
	"slices"
	"time"
)

// Facts is a copy of a History at one instant.
type Facts struct {
	At      time.Duration
	Events  []Event
	Streams []Row    // by name
	Members []Member // in the order in which they were named first
}

// Facts copies what is known now.
func (h *History) Facts() Facts {
	h.mu.Lock()
	defer h.mu.Unlock()
	facts := Facts{At: h.Elapsed(), Events: slices.Clone(h.events)}
	for _, row := range h.streams {
		stream := *row
		stream.Tenures = slices.Clone(row.Tenures)
		stream.RefusedAt = slices.Clone(row.RefusedAt)
		facts.Streams = append(facts.Streams, stream)
	}
	for _, known := range h.members {
		member := *known
		member.Outages = slices.Clone(known.Outages)
		facts.Members = append(facts.Members, member)
	}
	return facts
}

// Owner is the tenure that is the last to have begun on a stream which is not
// finished, whether or not its member knows that it is over. It reports false
// when the stream is finished or never had an owner.
func (r Row) Owner() (Tenure, bool) {
	if r.FinishedBy != "" || len(r.Tenures) == 0 {
		return Tenure{}, false
	}
	return r.Tenures[len(r.Tenures)-1], true
}

// OwnedBy lists the streams whose last owner is the member.
func (f Facts) OwnedBy(member string) []string {
	var names []string
	for _, stream := range f.Streams {
		if owner, owned := stream.Owner(); owned && owner.Member == member {
			names = append(names, stream.Name)
		}
	}
	return names
}

// FinishedBy counts the streams that the member has finished; an empty name
// counts all.
func (f Facts) FinishedBy(member string) int {
	count := 0
	for _, stream := range f.Streams {
		if stream.FinishedBy != "" && (member == "" || stream.FinishedBy == member) {
			count++
		}
	}
	return count
}

// Count counts the events of the kind.
func (f Facts) Count(kind Kind) int { return len(f.Of(kind)) }

// Of lists the events of the kind, oldest first.
func (f Facts) Of(kind Kind) []Event {
	var events []Event
	for _, event := range f.Events {
		if event.Kind == kind {
			events = append(events, event)
		}
	}
	return events
}

// Member returns what is known of the member.
func (f Facts) Member(name string) Member {
	for _, member := range f.Members {
		if member.Name == name {
			return member
		}
	}
	return Member{Name: name}
}

// outage is the outage of the member at that instant.
func (m Member) outage(at time.Duration) (Outage, bool) {
	for _, outage := range m.Outages {
		if outage.covers(at) {
			return outage, true
		}
	}
	return Outage{}, false
}
