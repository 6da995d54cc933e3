package sim

import "time"

// occasion is what an appointment is for. Those that come all the time are
// told apart by a number instead of a closure, which costs no allocation.
type occasion uint8

const (
	toLoop    occasion = iota // a member's loop comes round
	toWake                    // a member's timer rings
	toApply                   // a call reaches the store
	toAnswer                  // its answer reaches the member
	toTimeOut                 // its time is over
	toReceive                 // an application reads a notification
	toExpire                  // a grant's deadline may have come
	toDo                      // anything else
)

// appointment is something that happens at an instant; those of one instant
// happen in the order in which they were made.
type appointment struct {
	at      time.Duration
	order   uint64
	what    occasion
	process *process
	call    *call
	expires *grant
	do      func()
}

// agenda is a binary heap of appointments.
type agenda struct {
	heap     []appointment
	made     uint64
	reserved uint64 // the last of the reserved places that was given away
}

func (a *agenda) add(made appointment) {
	a.made++
	made.order = a.made
	a.heap = append(a.heap, made)
	at := len(a.heap) - 1
	for at > 0 {
		parent := (at - 1) / 2
		if !before(&a.heap[at], &a.heap[parent]) {
			return
		}
		a.heap[at], a.heap[parent] = a.heap[parent], a.heap[at]
		at = parent
	}
}

// reserve keeps places in the order of one instant free, for later calls of
// addReserved.
func (a *agenda) reserve(places uint64) {
	a.reserved = a.made
	a.made += places
}

// addReserved adds an appointment as if it had been made when its place was
// reserved.
func (a *agenda) addReserved(made appointment) {
	before := a.made
	a.made = a.reserved
	a.add(made)
	a.reserved, a.made = a.made, before
}

// next takes the earliest appointment out.
func (a *agenda) next() appointment {
	first := a.heap[0]
	last := len(a.heap) - 1
	a.heap[0] = a.heap[last]
	a.heap[last] = appointment{}
	a.heap = a.heap[:last]
	a.sink()
	return first
}

func (a *agenda) sink() {
	at := 0
	for {
		least := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(a.heap); child++ {
			if before(&a.heap[child], &a.heap[least]) {
				least = child
			}
		}
		if least == at {
			return
		}
		a.heap[at], a.heap[least] = a.heap[least], a.heap[at]
		at = least
	}
}

func before(a, b *appointment) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}
