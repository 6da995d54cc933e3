package page

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// overlap is a time in which two members believed that they own one stream.
type overlap struct {
	name          string
	from, to      time.Duration
	first, second string // members
	firstToken    string
	secondToken   string
}

func (o *overlap) sentence() string {
	return fmt.Sprintf("%s and %s both believe that they own it, with tokens %s and %s", o.first, o.second, o.firstToken, o.secondToken)
}

// lastsUntil is when a span ended. One that was live when the run ended goes on
// as far as its terms say, and the picture reaches.
func lastsUntil(c *sim.Chronicle, terms int, live bool, ended, end time.Duration) time.Duration {
	if list := c.Terms[terms]; live && len(list) > 0 {
		return max(ended, min(end, list[len(list)-1].Until))
	}
	return ended
}

// validUntil is when the member of a tenure stopped believing in it, or was to.
func validUntil(c *sim.Chronicle, t *sim.TenureSpan, end time.Duration) time.Duration {
	until := c.ValidUntil(t)
	if until < t.Ended || c.Unfenced {
		return until
	}
	return lastsUntil(c, t.Terms, t.Live, t.Ended, end)
}

// overlapsOf finds every pair of tenures of one name, of different members,
// whose validities overlap.
func overlapsOf(c *sim.Chronicle, end time.Duration) []overlap {
	byName := make(map[string][]*sim.TenureSpan)
	var names []string
	for i := range c.Tenures {
		t := &c.Tenures[i]
		if byName[t.Ref.Name] == nil {
			names = append(names, t.Ref.Name)
		}
		byName[t.Ref.Name] = append(byName[t.Ref.Name], t)
	}
	var found []overlap
	for _, name := range names {
		tenures := byName[name] // in the order in which they began
		for i, first := range tenures {
			until := validUntil(c, first, end)
			for _, second := range tenures[i+1:] {
				if second.Began >= until {
					break
				}
				to := min(until, validUntil(c, second, end))
				if second.Member != first.Member && second.Began < to {
					found = append(found, overlap{name: name, from: second.Began, to: to, first: first.Member, second: second.Member,
						firstToken: fmt.Sprint(first.Token), secondToken: fmt.Sprint(second.Token)})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b overlap) int { return cmp.Compare(a.from, b.from) })
	return found
}
