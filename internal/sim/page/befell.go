package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// befell tells what happened to a member in a time.
func (p *picture) befell(member string, from, to time.Duration) []sentence {
	var all []sentence
	for _, s := range p.troubles() {
		if s.member != member || s.from >= to || s.to <= from {
			continue
		}
		switch s.kind {
		case frozen:
			all = append(all, sentence{s.from, fmt.Sprintf("%s stood still%s.", member, p.untilWords(s.to))})
		case cutOff:
			all = append(all, sentence{s.from, fmt.Sprintf("%s was cut off (%s)%s.", member, s.text, p.untilWords(s.to))})
		}
	}
	for _, s := range faultsOf(p.result.Scenario.Actions, calmSince(p.result)) {
		if from <= s.from && s.from < to && s.concerns(member) {
			all = append(all, sentence{s.from, fmt.Sprintf("a fault came: %s.", shown(s.text))})
		}
	}
	return append(all, p.hits(member, from, to)...)
}

// untilWords says until when, if the run saw it.
func (p *picture) untilWords(at time.Duration) string {
	if at >= p.result.Ended {
		return ""
	}
	return ", until " + seconds(at)
}

// lostHints tells of hints that did not arrive, as one sentence.
func (p *picture) lostHints(from, to time.Duration) []sentence {
	var first time.Duration
	lost := 0
	for i := range p.result.Trace {
		if e := &p.result.Trace[i]; e.Kind == sim.HintLost && (e.Ref.Name == "" || e.Ref.Name == p.incident.name) && from <= e.At && e.At <= to+time.Second {
			if lost == 0 {
				first = e.At
			}
			lost++
		}
	}
	if lost == 0 {
		return nil
	}
	return []sentence{{first, fmt.Sprintf("hints were lost (%d by %s): nobody was told that something is free.", lost, seconds(to))}}
}

// ofOverlaps tells of the first time in which two members owned the stream.
func (p *picture) ofOverlaps() []sentence {
	for _, o := range p.overlaps {
		if o.name == p.incident.name {
			return []sentence{{o.from, fmt.Sprintf("%s and %s both believed that they owned %s, for %s.", o.first, o.second, shown(o.name), seconds(o.to-o.from))}}
		}
	}
	return nil
}

// mostRefusals is how many refusals are told of.
const mostRefusals = 4

// ofRefusals tells of the incident's writes, saves and settlements that were refused.
func (p *picture) ofRefusals() []sentence {
	var all []sentence
	reasons := newReasons()
	for i := range p.result.Trace {
		e := &p.result.Trace[i]
		why := reasons.of(e)
		if e.Ref.Name != p.incident.name || why == "" || e.Kind == sim.Corrupted || len(all) == mostRefusals {
			continue
		}
		what := "a write"
		switch {
		case e.Kind == sim.Refused && e.Call == sim.Take:
			what = "the Take"
		case e.Kind == sim.Refused:
			what = "the settlement"
		case e.Kind == sim.SaveRefused:
			what = "the save"
		}
		all = append(all, sentence{e.At, fmt.Sprintf("%s of %s with token %d was refused: %s.", what, e.Member, e.Token, why)})
	}
	return all
}

// mostHits is how many calls that met a fault are told of one by one.
const mostHits = 3

// hits tells of a member's calls that met a fault.
func (p *picture) hits(member string, from, to time.Duration) []sentence {
	var all []sentence
	for i := range p.result.Trace {
		if e := &p.result.Trace[i]; e.Kind == sim.Fault && e.Call != 0 && e.Member == member && from <= e.At && e.At <= to {
			all = append(all, hitSentence(e))
		}
	}
	if len(all) > mostHits {
		return []sentence{{all[0].at, fmt.Sprintf("calls of %s began to be hit by faults: %d of them, until %s.", member, len(all), seconds(all[len(all)-1].at))}}
	}
	return all
}

func hitSentence(e *sim.Event) sentence {
	return sentence{e.At, fmt.Sprintf("the %v of %s was hit: %s.", e.Call, e.Member, strike(e.Cause))}
}

// strike says in a sentence what the trace says in two words: when a fault met
// a call, and what it did.
func strike(cause string) string {
	moment, effect, _ := strings.Cut(cause, " ")
	when := map[string]string{
		sim.Before.String(): "before it took effect", sim.Applied.String(): "it took effect, and before its answer arrived",
		sim.Late.String(): "it took effect only after its member had given it up;", sim.After.String(): "its answer arrived, and then",
	}[moment]
	what := map[string]string{
		sim.Crash.String(): "the process died", sim.Freeze.String(): "the process stood still",
		sim.CutOff.String(): "the connection fell silent", sim.Fail.String(): "the connection broke",
	}[effect]
	if when == "" || what == "" {
		return cause
	}
	return when + " " + what
}
