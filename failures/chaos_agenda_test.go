package failures_test

import (
	"slices"
	"time"
)

// agenda is what is to be done later, in order. One goroutine uses it.
type agenda struct{ items []agendaItem }

type agendaItem struct {
	at time.Duration
	do func()
}

func (a *agenda) add(at time.Duration, do func()) {
	behind := slices.IndexFunc(a.items, func(item agendaItem) bool { return item.at > at })
	if behind < 0 {
		behind = len(a.items)
	}
	a.items = slices.Insert(a.items, behind, agendaItem{at, do})
}

// doDue does what is due at the time.
func (a *agenda) doDue(now time.Duration) {
	for len(a.items) > 0 && a.items[0].at <= now {
		item := a.items[0]
		a.items = a.items[1:]
		item.do()
	}
}

// doAll does what is left, without waiting for its time.
func (a *agenda) doAll() {
	for len(a.items) > 0 {
		a.doDue(a.items[0].at)
	}
}

// next is when the first item is due, or limit if that is earlier.
func (a *agenda) next(limit time.Duration) time.Duration {
	if len(a.items) > 0 {
		return min(a.items[0].at, limit)
	}
	return limit
}
