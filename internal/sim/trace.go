package sim

import (
	"fmt"
	"io"
	"time"

	"github.com/streamlease/streamlease/core"
)

// Kind is what an Event of a trace tells.
type Kind uint8

// The kinds of trace events. Append only: the numbers go into the hash.
const (
	Started     Kind = iota + 1 // a process began
	Crashed                     // it ended without a word
	Frozen                      // it stands still until Until
	Thawed                      // it goes on
	Left                        // it closed
	Cut                         // its connection is cut until Until
	Announced                   // a producer announced Ref
	Sent                        // the member sent Call
	TookEffect                  // Call took effect at the store
	Answered                    // the member read the answer of Call
	Lost                        // Call or its answer was lost; Cause says what
	TimedOut                    // the member gave Call up
	Leased                      // the lease store gave Ref away with Token until Until
	Renewed                     // the member believes in its leases until Until
	Released                    // the lease store has the name back
	Expired                     // the lease of Ref with Token ended by the store's clock
	Took                        // the source recorded the tenure
	Settled                     // the source recorded its end; Cause is the outcome
	Refused                     // the source refused a settlement or Take of Ref with Token
	Began                       // the member owns Ref from here on
	Ended                       // the member owns it no more; Cause says why
	Heard                       // the application heard of Ref; Cause is the notification
	Wrote                       // a write with Token was accepted by the fenced resource
	Fenced                      // a write with Token was refused by it
	Hinted                      // a hint reached the member
	HintLost                    // a hint to the member was lost
	Fault                       // something was broken on purpose; Cause says what
	Healed                      // the rest of the run is calm
	Violated                    // an invariant does not hold; Cause is its name
	Resumed                     // the application loaded the checkpoint; Cause is its position
	SaveRefused                 // a save with Token was refused by the checkpoints; Cause is the position
	Corrupted                   // a write with Token was accepted by a resource that knew a higher one
)

var kindNames = [...]string{"", "started", "crashed", "frozen", "thawed", "left", "cut", "announced", "sent",
	"applied", "answered", "lost", "timed out", "leased", "renewed", "released", "expired", "took", "settled",
	"refused", "began", "ended", "heard", "wrote", "fenced", "hinted", "hint lost", "fault", "healed", "violated",
	"resumed", "save refused", "corrupted"}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Event is one line of a trace. Fields that say nothing are zero.
type Event struct {
	At     time.Duration
	Member string // the process: its ID, and #n from the second process with it on
	Kind   Kind
	Ref    core.StreamRef
	Token  core.Token
	Call   Call
	Cause  string
	Until  time.Duration // a true instant
}

// String returns the event as a line of text.
func (e Event) String() string {
	line := fmt.Sprintf("%12.6fs %-6s %-9s", e.At.Seconds(), e.Member, e.Kind)
	if e.Call != 0 {
		line += " " + e.Call.String()
	}
	if e.Ref.Name != "" {
		line += " " + e.Ref.String()
	}
	if e.Token != 0 {
		line += fmt.Sprintf(" token=%d", e.Token)
	}
	if e.Until != 0 {
		line += fmt.Sprintf(" until=%.6fs", e.Until.Seconds())
	}
	if e.Cause != "" {
		line += " (" + e.Cause + ")"
	}
	return line
}

// Trace is what happened in a run, in order.
type Trace []Event

// WriteTo writes one line for each event.
func (t Trace) WriteTo(w io.Writer) (written int64, err error) {
	for _, event := range t {
		n, err := fmt.Fprintln(w, event)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// digest is the hash of a trace: it eats the fields of events as numbers, so
// that a run whose trace nobody wants builds no text.
type digest uint64

func (d *digest) add(number uint64) {
	mixed := (uint64(*d) ^ number) * 0x9fb21c651e98df25
	*d = digest(mixed ^ mixed>>29)
}

func (d *digest) addText(text string) {
	d.add(uint64(len(text)))
	for len(text) >= 8 {
		d.add(uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
			uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56)
		text = text[8:]
	}
	for i := 0; i < len(text); i++ {
		d.add(uint64(text[i]))
	}
}

func (d *digest) addEvent(e *Event) {
	d.add(uint64(e.At))
	d.add(uint64(e.Kind)<<8 | uint64(e.Call))
	d.add(uint64(e.Token))
	d.add(uint64(e.Until))
	d.addText(e.Member)
	d.addText(e.Ref.Name)
	d.addText(e.Ref.MessageID)
	d.addText(e.Cause)
}
