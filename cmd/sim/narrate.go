package main

import (
	"fmt"

	"github.com/streamlease/streamlease/internal/sim"
)

// narrator tells a run in lines: what went wrong, and who owns what.
type narrator struct {
	console *console
	last    string
}

func (n *narrator) tell(e sim.Event) {
	sentence := narrated(e)
	if sentence == "" {
		return
	}
	line := fmt.Sprintf("%12.3f s  %s", e.At.Seconds(), sentence)
	if line != n.last { // a write may be tried over and over at one instant
		n.console.say("%s", line)
	}
	n.last = line
}

// narrated is an event as a sentence; empty: it is not worth one.
func narrated(e sim.Event) string {
	switch e.Kind {
	case sim.Started:
		return e.Member + " starts"
	case sim.Crashed:
		return e.Member + " crashes"
	case sim.Frozen:
		return fmt.Sprintf("%s stands still until %.3f s", e.Member, e.Until.Seconds())
	case sim.Thawed:
		return e.Member + " goes on"
	case sim.Left:
		return e.Member + " has closed"
	case sim.Cut:
		return fmt.Sprintf("%s is cut off until %.3f s: %s", e.Member, e.Until.Seconds(), e.Cause)
	case sim.Fault:
		return narratedFault(e)
	case sim.Healed:
		return "the time of faults is over; a core of the fleet is healed"
	case sim.Violated:
		return "VIOLATED: " + e.Cause
	default:
		return narratedOwnership(e)
	}
}

// narratedFault leaves out what is told by an event of its own.
func narratedFault(e sim.Event) string {
	switch e.Cause {
	case "crash", "freeze", "cut", "start", "restart", "close":
		return ""
	}
	sentence := "fault: " + e.Cause
	if e.Call != 0 {
		sentence = fmt.Sprintf("fault at a call of %v: %s", e.Call, e.Cause)
	}
	if e.Member != "" {
		sentence += ", " + e.Member
	}
	if e.Until > e.At {
		sentence += fmt.Sprintf(", until %.3f s", e.Until.Seconds())
	}
	return sentence
}

func narratedOwnership(e sim.Event) string {
	switch e.Kind {
	case sim.Announced:
		return fmt.Sprintf("%v is announced", e.Ref)
	case sim.Began:
		return fmt.Sprintf("%s owns %v with token %d: %s", e.Member, e.Ref, e.Token, e.Cause)
	case sim.Settled:
		return fmt.Sprintf("%s settles %v: %s", e.Member, e.Ref, e.Cause)
	case sim.Ended:
		return fmt.Sprintf("%s owns %v no more: %s", e.Member, e.Ref, e.Cause)
	case sim.Expired:
		return fmt.Sprintf("the lease of %s on %v expires", e.Member, e.Ref)
	case sim.Fenced:
		return fmt.Sprintf("%s writes to %v with token %d: refused", e.Member, e.Ref, e.Token)
	case sim.Resumed:
		return fmt.Sprintf("%s goes on with %v at position %s", e.Member, e.Ref, e.Cause)
	case sim.SaveRefused:
		return fmt.Sprintf("%s saves position %s of %v with token %d: refused", e.Member, e.Cause, e.Ref, e.Token)
	case sim.Refused:
		return fmt.Sprintf("%s calls %v for %v with token %d: refused", e.Member, e.Call, e.Ref, e.Token)
	case sim.HintLost:
		return fmt.Sprintf("a hint to %s is lost", e.Member)
	default:
		return ""
	}
}
