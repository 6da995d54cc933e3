package measure

import (
	"cmp"
	"slices"
	"time"

	"github.com/streamlease/streamlease/bench/member"
)

// arrivals collects what the members noted since they were asked last, in the
// order of time.
func (s *stage) arrivals() ([]member.Arrival, error) {
	of, err := s.arrivalsOf()
	all := slices.Concat(of...)
	slices.SortFunc(all, func(a, b member.Arrival) int { return cmp.Compare(a.At, b.At) })
	return all, err
}

// arrivalsOf is what each process noted since it was asked last.
func (s *stage) arrivalsOf() ([][]member.Arrival, error) {
	replies, err := s.fleet.AskAll(member.Request{Action: member.Arrivals})
	of := make([][]member.Arrival, len(replies))
	for i, reply := range replies {
		of[i] = reply.Arrivals
	}
	return of, err
}

// record lets the members note arrivals from now on.
func (s *stage) record() error {
	_, err := s.fleet.AskAll(member.Request{Action: member.Record})
	return err
}

// waits are durations in order.
type waits []time.Duration

// waitsSince are the times from an instant to each arrival.
func waitsSince(begin time.Time, arrivals []member.Arrival) waits {
	var w waits
	for _, arrival := range arrivals {
		w = append(w, time.Duration(arrival.At-begin.UnixNano()))
	}
	slices.Sort(w)
	return w
}

// share is the time within which that share of the waits was over; of nothing
// it is 0.
func (w waits) share(of float64) time.Duration {
	if len(w) == 0 {
		return 0
	}
	return w[min(len(w)-1, int(of*float64(len(w))))]
}

// spread is the largest number by the smallest.
func spread(numbers []int64) float64 {
	return float64(slices.Max(numbers)) / float64(max(slices.Min(numbers), 1))
}
