package core

// size is how far the batches and pages of one kind of call have shrunk. A
// call that had no answer in all its time may have been too large for it: two
// hundred names and infos of 64 KiB each weigh 25 MB. So the next one asks for
// half as much, down to a single item, and after some that were answered for
// twice as much again. What fails sooner was not too large; smaller calls would
// only be more of them.
type size struct {
	halvings uint8
	answered uint8 // in a row, since it changed
}

const (
	mostHalvings = 10 // no batch has more than 2^10 items
	// mostRenewalHalvings is less. Renewals carry no infos; and what makes them
	// late is, more often than their size, a busy machine, on which small batches
	// renew fewer leases in the same time.
	mostRenewalHalvings = 2
	// answersToGrow keeps a call that is as large as it can be from failing
	// every other time.
	answersToGrow = 16
)

// of is how many items a call may have, of the usual number.
func (s size) of(usual int) int { return max(1, usual>>s.halvings) }

// learn takes note of how a call ended.
func (s *size) learn(answered, outOfTime bool, mostHalvings uint8) {
	switch {
	case outOfTime:
		*s = size{halvings: min(s.halvings+1, mostHalvings)}
	case !answered || s.halvings == 0:
		s.answered = 0
	case s.answered+1 == answersToGrow:
		*s = size{halvings: s.halvings - 1}
	default:
		s.answered++
	}
}

// size is how many items a call of that kind may have.
func (m *Machine) size(kind callKind, usual int) int {
	return m.sizes[kind].of(usual)
}

// page is size for the entries of a page.
func (m *Machine) page(kind callKind, usual int) int {
	return m.size(kind, m.config.page(usual))
}

func (m *Machine) learnSize(c *call, err error) {
	took := m.now - c.sent
	if c.kind == callRenew {
		// Before a whole batch has no answer, and is lost.
		m.sizes[c.kind].learn(err == nil, took >= c.head.Timeout/2, mostRenewalHalvings)
		return
	}
	outOfTime := err != nil && !c.calledOff && took >= c.head.Timeout*3/4
	m.sizes[c.kind].learn(err == nil, outOfTime, mostHalvings)
}
