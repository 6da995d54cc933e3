package core

import "slices"

// ledger compares the change numbers that a set's owner sees with the changes
// that it made itself. A number that no answer accounts for, once all calls
// sent before it was seen have ended, is a change that somebody else made, or
// a call of the owner's own whose reply was lost.
//
// A count alone would not do: one element removed and another added look like
// no change (the model checker's `remove -ablate count-only` loses a stream
// in five steps that way).
//
// A nil ledger is that of a set in which there is nothing to be mistaken about.
type ledger struct {
	// through: all changes up to this number are accounted for.
	through int64
	// early are accounted changes above through, whose predecessors' answers
	// are still on their way. Nil when there are none: most ledgers belong to a
	// grant of a single lease.
	early map[int64]struct{}
	// suspect is the lowest number seen that is not accounted for yet; 0:
	// none. It counts once all calls before barrier have ended.
	suspect int64
	barrier CallID
	// restarted: the numbers began anew or went back, because the store lost
	// its data or its last writes.
	restarted bool
	// repeated: a change got a number that an earlier one had. Counted on from
	// there the numbers would soon agree again, and what was lost would not show.
	repeated bool
	// underWay are the calls that may change the set and are not answered: few.
	underWay []CallID
	// activity is when such a call was last sent or answered.
	activity sequence
}

// sent notes a call that may change the set.
func (l *ledger) sent(call CallID, at sequence) {
	if l == nil {
		return
	}
	if !slices.Contains(l.underWay, call) {
		l.underWay = append(l.underWay, call)
	}
	l.activity = at
}

// ended notes that the call was answered.
func (l *ledger) ended(call CallID, at sequence) {
	if l == nil {
		return
	}
	l.underWay = slices.DeleteFunc(l.underWay, func(other CallID) bool { return other == call })
	if len(l.underWay) == 0 {
		l.underWay = nil
	}
	l.activity = at
}

// accounted is up to which number all changes are accounted for.
func (l *ledger) accounted() int64 {
	if l == nil {
		return 0
	}
	return l.through
}

// account notes one change of the owner's own, by a call that was sent when
// all changes up to before were accounted for.
func (l *ledger) account(change, before int64) {
	if l == nil {
		return
	}
	if change <= before {
		l.repeated, l.restarted = true, true
		return
	}
	if change <= l.through {
		return
	}
	if change > l.through+1 {
		if l.early == nil {
			l.early = make(map[int64]struct{})
		}
		l.early[change] = struct{}{}
		return
	}
	l.through = change
	l.advance()
}

func (l *ledger) advance() {
	for len(l.early) > 0 {
		if _, ok := l.early[l.through+1]; !ok {
			return
		}
		delete(l.early, l.through+1)
		l.through++
	}
	l.early = nil
}

// see notes a tally that somebody answered to a call sent at the instant
// asked; own is how many elements the owner believes in. It reports whether
// the set must be looked through.
func (l *ledger) see(tally Tally, own int64, asked sequence, next CallID) bool {
	if l == nil {
		return false
	}
	quiet := len(l.underWay) == 0 && l.activity < asked
	if quiet {
		l.suspect = 0
		l.restarted = l.repeated || tally.Change < l.through
		return l.repeated || tally.Change != l.through || tally.Count != own
	}
	if tally.Change > l.through && l.suspect == 0 {
		l.suspect, l.barrier = tally.Change, next
	}
	return l.missing()
}

// missing reports whether a change was seen that no answer can account for
// any more.
func (l *ledger) missing() bool {
	switch {
	case l == nil:
		return false
	case l.repeated:
		return true
	case l.suspect == 0:
		return false
	}
	if l.through >= l.suspect {
		l.suspect = 0
		return false
	}
	return !slices.ContainsFunc(l.underWay, func(call CallID) bool { return call < l.barrier })
}

// reconciled notes that the whole set was looked through, and that everything
// up to the change number was put right.
func (l *ledger) reconciled(change int64) {
	l.suspect = 0
	if change < l.through && !l.restarted {
		return // what came after it was accounted for meanwhile
	}
	l.through, l.restarted, l.repeated = change, false, false
	for number := range l.early {
		if number <= change {
			delete(l.early, number)
		}
	}
	l.advance()
}
