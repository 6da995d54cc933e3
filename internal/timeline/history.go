package timeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// History is what happened so far. Its methods may be called concurrently.
type History struct {
	clock func() time.Duration // the time since it began

	mu      sync.Mutex
	changed chan struct{} // closed, and replaced, with every event
	events  []Event
	streams []*Row
	members []*Member
}

// Row is the history of one stream.
type Row struct {
	Name        string
	AnnouncedAt time.Duration
	Tenures     []Tenure
	// FinishedBy is empty while the stream is not finished.
	FinishedBy string
	FinishedAt time.Duration
	// RefusedAt is when late writes were refused.
	RefusedAt []time.Duration
}

// Tenure is one span of ownership, as the owner saw it begin.
type Tenure struct {
	Member string
	Token  int64
	Began  time.Duration
	// Working: the owner has done its first work.
	Working bool
	// Ended is when the owner knew that it was over; 0: it does not know.
	Ended time.Duration
}

// Member is the history of one member.
type Member struct {
	Name string
	// State is the Kind of the last event that changed it: Joined, Killed,
	// Frozen, Woken, Left or Failed; empty before.
	State Kind
	// Label is shown beside it, for instance a process ID.
	Label string
	// Outages are the spans in which the member was killed or frozen.
	Outages []Outage
}

// Outage is a span in which a member did nothing.
type Outage struct {
	Kind  Kind // Killed or Frozen
	Began time.Duration
	Ended time.Duration // 0: not yet
}

// covers says whether the instant lies within the outage.
func (o Outage) covers(at time.Duration) bool { return o.Began <= at && (o.Ended == 0 || at < o.Ended) }

// NewHistory begins now, with the members that are expected.
func NewHistory(members ...string) *History {
	start := time.Now()
	return NewHistoryOf(func() time.Duration { return time.Since(start) }, members...)
}

// NewHistoryOf is the history of a world that has a clock of its own, which
// says how long it has gone on.
func NewHistoryOf(clock func() time.Duration, members ...string) *History {
	h := &History{clock: clock, changed: make(chan struct{})}
	for _, name := range members {
		h.members = append(h.members, &Member{Name: name})
	}
	return h
}

// Elapsed is the time since the History began.
func (h *History) Elapsed() time.Duration { return h.clock() }

// Label puts a text beside the member's name.
func (h *History) Label(member, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.member(member).Label = text
}

// Record adds what has just happened.
func (h *History) Record(event Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if event.At == 0 {
		event.At = h.Elapsed()
	}
	h.events = append(h.events, event)
	h.note(event)
	close(h.changed)
	h.changed = make(chan struct{})
}

// Step says in one sentence what happens next.
func (h *History) Step(sentence string) { h.Record(Event{Kind: Step, Note: sentence}) }

// Say says what became of the step.
func (h *History) Say(format string, values ...any) {
	h.Record(Event{Kind: Said, Note: fmt.Sprintf(format, values...)})
}

func (h *History) note(event Event) {
	switch event.Kind {
	case Announced:
		h.row(event.Stream).AnnouncedAt = event.At
	case Added:
		row := h.row(event.Stream)
		row.Tenures = append(row.Tenures, Tenure{Member: event.Member, Token: event.Token, Began: event.At})
		// A member that is slow to say so must not seem to be the last owner.
		slices.SortStableFunc(row.Tenures, func(a, b Tenure) int { return int(min(max(a.Token-b.Token, -1), 1)) })
	case Working:
		h.row(event.Stream).change(event, func(t *Tenure) { t.Working = true })
	case Disowned:
		h.row(event.Stream).change(event, func(t *Tenure) { t.Ended = event.At })
	case Finished:
		row := h.row(event.Stream)
		row.FinishedBy, row.FinishedAt = event.Member, event.At
	case Refused:
		row := h.row(event.Stream)
		row.RefusedAt = append(row.RefusedAt, event.At)
	case Joined, Killed, Frozen, Woken, Left, Failed:
		h.member(event.Member).become(event)
	}
}

// change finds the tenure that the event is about.
func (r *Row) change(event Event, apply func(*Tenure)) {
	for i := range r.Tenures {
		if tenure := &r.Tenures[i]; tenure.Member == event.Member && tenure.Token == event.Token {
			apply(tenure)
		}
	}
}

func (m *Member) become(event Event) {
	m.State = event.Kind
	if last := len(m.Outages) - 1; last >= 0 && m.Outages[last].Ended == 0 {
		m.Outages[last].Ended = event.At
	}
	if event.Kind == Killed || event.Kind == Frozen {
		m.Outages = append(m.Outages, Outage{Kind: event.Kind, Began: event.At})
	}
}

// row is kept in the order of the names, which is the order in which people
// look for them.
func (h *History) row(name string) *Row {
	at, found := slices.BinarySearchFunc(h.streams, name, func(r *Row, name string) int { return strings.Compare(r.Name, name) })
	if !found {
		h.streams = slices.Insert(h.streams, at, &Row{Name: name})
	}
	return h.streams[at]
}

func (h *History) member(name string) *Member {
	for _, member := range h.members {
		if member.Name == name {
			return member
		}
	}
	member := &Member{Name: name}
	h.members = append(h.members, member)
	return member
}

// Until waits until the condition holds. It is asked again after every event,
// and may look at the History. The error is that of ctx.
func (h *History) Until(ctx context.Context, holds func() bool) error {
	for {
		changed := h.whenChanged()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (h *History) whenChanged() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}
