package page

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// sentence is one of a story.
type sentence struct {
	at   time.Duration
	text string
}

// mostSentences is how long a story may be, and longestStory how many bytes of
// an observer's words it repeats.
const (
	mostSentences = 12
	longestStory  = 400
)

// story tells the incident in a few sentences, in the order of time.
func (p *picture) story() []string {
	var lines []string
	for _, s := range p.sentences() {
		lines = append(lines, "At "+seconds(s.at)+" "+s.text)
	}
	for _, v := range p.result.Violations {
		lines = append(lines, fmt.Sprintf("So %v does not hold, which says: %s. %s.", v.Invariant, v.Invariant.Sentence(), brief(v.Story, longestStory)))
	}
	return lines
}

// sentences are those of the story that have their instant.
func (p *picture) sentences() []sentence {
	var all []sentence
	for i := range p.chronicle.Tenures {
		if t := &p.chronicle.Tenures[i]; t.Ref.Name == p.incident.name && t.Began <= p.incident.until {
			all = append(all, p.ofTenure(t)...)
		}
	}
	all = append(all, p.ofIdleLeases()...)
	all = append(all, p.ofOverlaps()...)
	all = append(all, p.ofRefusals()...)
	if hit := p.incident.hit; hit != nil {
		all = append(all, hitSentence(hit))
	}
	since := min(p.beginning(), p.incident.at)
	all = slices.DeleteFunc(all, func(s sentence) bool { return s.at < since })
	slices.SortStableFunc(all, func(a, b sentence) int { return cmp.Compare(a.at, b.at) })
	all = unrepeated(all)
	if len(all) > mostSentences {
		all = slices.Concat(all[:2], all[len(all)-mostSentences+2:])
	}
	return all
}

func unrepeated(all []sentence) []sentence {
	said := make(map[sentence]bool)
	return slices.DeleteFunc(all, func(s sentence) bool {
		before := said[s]
		said[s] = true
		return before
	})
}

// beginning is when the last lease but two was given: what was before has
// nothing to do with the incident.
func (p *picture) beginning() time.Duration {
	var given [3]time.Duration // the last three
	for i := range p.chronicle.Leases {
		if l := &p.chronicle.Leases[i]; l.Ref.Name == p.incident.name && l.Begins <= p.incident.until {
			given = [3]time.Duration{given[1], given[2], l.Begins}
		}
	}
	return given[0]
}

// ofTenure tells how a tenure began, what befell its member, how it ended.
func (p *picture) ofTenure(t *sim.TenureSpan) []sentence {
	name := shown(t.Ref.Name)
	all := []sentence{{t.Began, fmt.Sprintf("%s %s %s, with token %d.", t.Member, howItBegan(t.Beginning), name, t.Token)}}
	lease, valid := p.leaseOf(t), p.chronicle.ValidUntil(t)
	until := t.Ended
	if lease != nil {
		until = max(until, lease.Ends)
	}
	all = append(all, p.befell(t.Member, t.Began, until)...)
	if core.Reason(t.Ending) != core.ReasonAsked && !t.Live {
		all = append(all, p.lostHints(valid, until)...)
	}
	if lease != nil && !lease.Live && lease.Ends-t.Ended > time.Second && lease.Ends <= p.incident.until {
		all = append(all, sentence{lease.Ends, fmt.Sprintf("the store ended the lease of %s.", name)})
	}
	switch {
	case lease != nil && !lease.Live && valid > lease.Ends:
		all = append(all, sentence{lease.Ends, fmt.Sprintf("the lease was over at the store; %s believed in it for another %s.", t.Member, seconds(valid-lease.Ends))})
	case lease != nil && !lease.Live && valid < t.Ended:
		all = append(all, sentence{valid, fmt.Sprintf("%s's right to %s was over by its own clock, %s before the store ended the lease.", t.Member, name, seconds(lease.Ends-valid))})
	case !t.Live && t.Ended <= p.incident.at:
		all = append(all, sentence{t.Ended, fmt.Sprintf("%s's tenure of %s ended: %s.", t.Member, name, t.Ending)})
	}
	return all
}

func howItBegan(beginning string) string {
	switch core.Reason(beginning) {
	case core.ReasonFound:
		return "took over"
	case core.ReasonClaimed:
		return "claimed"
	default:
		return "came to own"
	}
}

// leaseOf is the lease that a tenure rests on; nil: the store never had it.
func (p *picture) leaseOf(t *sim.TenureSpan) *sim.LeaseSpan {
	for i := range p.chronicle.Leases {
		if l := &p.chronicle.Leases[i]; l.Token == t.Token && l.Ref.Name == t.Ref.Name && l.Member == t.Member {
			return l
		}
	}
	return nil
}

// ofIdleLeases tells of leases whose member never came to act on them.
func (p *picture) ofIdleLeases() []sentence {
	var all []sentence
	for i := range p.chronicle.Leases {
		l := &p.chronicle.Leases[i]
		if l.Ref.Name != p.incident.name || l.Begins > p.incident.until || p.tenureOf(l) {
			continue
		}
		all = append(all, sentence{l.Begins, fmt.Sprintf("%s acquired the lease of %s with token %d, and never came to act on it.", l.Member, shown(l.Ref.Name), l.Token)})
		all = append(all, p.befell(l.Member, l.Begins, l.Ends)...)
		if !l.Live {
			all = append(all, sentence{l.Ends, fmt.Sprintf("the lease with token %d was over.", l.Token)})
		}
	}
	return all
}

func (p *picture) tenureOf(l *sim.LeaseSpan) bool {
	return slices.ContainsFunc(p.chronicle.Tenures, func(t sim.TenureSpan) bool {
		return t.Token == l.Token && t.Ref.Name == l.Ref.Name && t.Member == l.Member
	})
}
