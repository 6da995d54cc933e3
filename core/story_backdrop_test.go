package core

import (
	"slices"
	"time"

	"github.com/cockroachdb/datadriven"
)

// backdrop is what a story is not about. It does the work of the ports that
// the story hides, at once and unseen, and reckons the tallies that every
// answer carries unless the story says otherwise.
type backdrop struct {
	hidden []string
	source Tally
	leases map[GrantID]Tally
	tokens Token
	lost   bool // the call whose answer is being made up was lost: it did nothing, unless the story says what
}

// hide lets the ports do their work unseen; a Fetch waits for the story.
func (s *story) hide(ports []string) {
	s.hidden = append(s.hidden, ports...)
	s.answerHidden()
}

func (s *story) show(ports []string) {
	s.hidden = slices.DeleteFunc(s.hidden, func(port string) bool { return slices.Contains(ports, port) })
}

func (s *story) hides(command Command) bool { return slices.Contains(s.hidden, portOf(command)) }

// answerHidden answers what is under way at hidden ports, in the order of the
// calls.
func (s *story) answerHidden() {
	for {
		first, found := CallID(0), false
		for _, port := range s.hidden {
			if id, ok := s.oldest(port); ok && port != "fetch" && (!found || id < first) {
				first, found = id, true
			}
		}
		if !found {
			return
		}
		s.answerWell(first)
	}
}

// answerWell answers a call as a healthy port would that has nothing new.
func (s *story) answerWell(id CallID) {
	command := s.open[id]
	s.answerCall(portOf(command), func(a Answered) Event {
		return s.event(a, command, nil, row{fields: map[string]string{}})
	})
}

// owns makes the member the owner of streams, unseen: the application claimed
// them, or handles them already, so nothing waits to be received.
func (s *story) owns(refs []string) {
	s.quiet = true
	for i, ref := range refs {
		if s.machine.config.Handlers {
			s.machine.delivered(Assignment{Ref: s.parseRef(ref)})
			s.step(Wake{})
		} else {
			s.step(ClaimRequested{Request: RequestID(1000 + i), Ref: s.parseRef(ref)})
		}
		for _, port := range []string{"acquire", "take"} {
			if id, ok := s.oldest(port); ok {
				s.answerWell(id)
			}
		}
		if s.machine.config.Handlers {
			s.step(NotificationReceived{})
		}
	}
	s.quiet = false
}

// change is the tally after an item that added to a set (by +1) or removed
// from it (by -1): what the story says, or what follows from before.
func (s *story) change(r row, before Tally, by int64) Tally {
	switch {
	case r.has("change") || r.has("count"):
		return s.tally(r)
	case r.err != nil || r.has("unchanged") || s.lost:
		return before
	default:
		return Tally{Change: before.Change + 1, Count: before.Count + by}
	}
}

// takenAfter is the source's tally after an item of a Take or a Settle.
func (s *story) takenAfter(r row, by int64) Tally {
	s.source = s.change(r, s.source, by)
	return s.source
}

// leasedAfter is a grant's tally after an item of an Acquire or a Release.
func (s *story) leasedAfter(r row, grant GrantID, by int64) Tally {
	s.leases[grant] = s.change(r, s.leases[grant], by)
	return s.leases[grant]
}

// takenNow and leasedNow are what a Heartbeat, a Renew or a page answers.
func (s *story) takenNow(r row) Tally { return s.takenAfter(s.asIs(r), 0) }

func (s *story) leasedNow(r row, grant GrantID) Tally { return s.leasedAfter(s.asIs(r), grant, 0) }

func (s *story) asIs(r row) row {
	if r.has("change") || r.has("count") {
		return row{fields: r.fields}
	}
	return row{fields: map[string]string{"unchanged": ""}}
}

// tokenOf is the token that the story gives to a lease, or the next ten.
func (s *story) tokenOf(r row) Token {
	if r.err != nil {
		return 0
	}
	if r.has("token") {
		s.tokens = max(s.tokens, Token(s.int(r, "token")))
		return Token(s.int(r, "token"))
	}
	s.tokens += 10
	return s.tokens
}

// keys are the words of a directive's arguments.
func keys(d *datadriven.TestData) []string {
	var words []string
	for _, arg := range d.CmdArgs {
		words = append(words, arg.Key)
	}
	return words
}

// longSweep is when the next page of the sweep may be asked for, unless the
// story says otherwise: later than any story lasts.
const longSweep = time.Hour
