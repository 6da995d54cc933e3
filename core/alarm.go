package core

import (
	"container/heap"
	"time"
)

// alarm is one instant at which something of the machine wants to be looked
// at. Each thing has one alarm at most, so a machine with a million streams
// that are simply owned has none for them.
type alarm struct {
	at       time.Duration
	position int // in the heap, from 1; 0: not set
	rings    ringer
}

// ringer is what an alarm wakes.
type ringer interface{ ring(m *Machine) }

type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].position, h[j].position = i+1, j+1
}

func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	*h = append(*h, a)
	a.position = len(*h)
}

func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	a.position = 0
	return a
}

// set makes the alarm ring at the instant at, whatever it was set to before.
func (m *Machine) set(a *alarm, at time.Duration, rings ringer) {
	a.at, a.rings = at, rings
	if a.position > 0 {
		heap.Fix(&m.alarms, a.position-1)
		return
	}
	heap.Push(&m.alarms, a)
}

// setEarlier is set, unless the alarm rings earlier anyway.
func (m *Machine) setEarlier(a *alarm, at time.Duration, rings ringer) {
	if a.position > 0 && a.at <= at {
		return
	}
	m.set(a, at, rings)
}

// unset makes sure that the alarm does not ring.
func (m *Machine) unset(a *alarm) {
	if a.position > 0 {
		heap.Remove(&m.alarms, a.position-1)
	}
}

// ringAlarms wakes whatever is due now.
func (m *Machine) ringAlarms() {
	for len(m.alarms) > 0 && m.alarms[0].at <= m.now {
		a := heap.Pop(&m.alarms).(*alarm)
		a.rings.ring(m)
	}
}

// ringFunc lets a method of the machine be what an alarm wakes.
type ringFunc func(m *Machine)

func (f ringFunc) ring(m *Machine) { f(m) }
