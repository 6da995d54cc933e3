package measure

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/bench/member"
)

// The names of what Announcement and HandOff answer.
const (
	Half = "p50, ms"
	Most = "p99, ms"
)

// betweenHandOffs is the time from one hand-off to the next.
const betweenHandOffs = 25 * time.Millisecond

// Announcement is how long it takes from the call of Announce until a member
// of an idle fleet was told of the stream, when so much time is between them.
func Announcement(ctx context.Context, setup Setup, streams int, between time.Duration) (Figures, error) {
	s, err := raise(ctx, setup)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.fleet.Join(ctx); err != nil {
		return nil, err
	}
	// Grants and connections are opened by the first.
	if err := s.hold(ctx, 2*setup.Processes); err != nil {
		return nil, err
	}
	if err := s.record(); err != nil {
		return nil, err
	}
	announced := make(map[string]time.Time)
	for range streams {
		if err := pause(ctx, between); err != nil {
			return nil, err
		}
		announced[nameOf(s.announced)] = time.Now()
		if err := s.announce(ctx, 1); err != nil {
			return nil, err
		}
	}
	if err := s.awaitOwned(ctx); err != nil {
		return nil, err
	}
	arrivals, err := s.arrivals()
	if err != nil {
		return nil, err
	}
	var w waits
	for _, arrival := range arrivals {
		w = append(w, time.Duration(arrival.At-announced[arrival.Name].UnixNano()))
	}
	return latencies(w, len(arrivals))
}

// HandOff is how long it takes from the call of HandOff until another member
// was told of the stream.
func HandOff(ctx context.Context, setup Setup, handOffs int) (Figures, error) {
	s, err := holding(ctx, setup, handOffs)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.record(); err != nil {
		return nil, err
	}
	var given []member.Arrival
	for i := range handOffs {
		if err := pause(ctx, betweenHandOffs); err != nil {
			return nil, err
		}
		reply, err := s.fleet.Processes[i%len(s.fleet.Processes)].Ask(member.Request{Action: member.HandOff})
		if err != nil {
			return nil, err
		}
		given = append(given, reply.Arrivals...)
	}
	if err := s.awaitOwned(ctx); err != nil {
		return nil, err
	}
	arrivals, err := s.arrivals()
	if err != nil {
		return nil, err
	}
	return latencies(handOffWaits(given, arrivals), len(given))
}

// handOffWaits pairs each hand-off with the next arrival of its stream.
func handOffWaits(given, arrivals []member.Arrival) (w waits) {
	for _, gift := range given {
		next := slices.IndexFunc(arrivals, func(a member.Arrival) bool { return a.Name == gift.Name && a.At > gift.At })
		if next >= 0 {
			w = append(w, time.Duration(arrivals[next].At-gift.At))
		}
	}
	return w
}

func latencies(w waits, want int) (figures Figures, err error) {
	if len(w) != want {
		return nil, fmt.Errorf("%d streams changed hands, %d arrived", want, len(w))
	}
	slices.Sort(w)
	figures.add(Half, millis(w.share(0.5)))
	figures.add(Most, millis(w.share(0.99)))
	return figures, nil
}
