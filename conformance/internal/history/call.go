package history

import (
	"fmt"
	"math"

	"github.com/streamlease/streamlease/ports"
)

// Kind is what a call asks for.
type Kind uint8

// The kinds of calls.
const (
	Acquire Kind = iota + 1
	Release
	Inspect
)

// Answer is what a call was answered.
type Answer uint8

// The answers.
const (
	// Unknown: the outcome is unknown.
	Unknown Answer = iota
	// Yes: acquired, released, held.
	Yes
	// No: held by another lease, nothing to release, free.
	No
)

// Never is the Return of a call whose effect may still be to come.
const Never = math.MaxInt64

// Lease is a lease on a name. The zero Lease is one that nobody told us of.
type Lease struct {
	Grant ports.GrantID
	Token ports.Token
}

// Call is one call about one name.
type Call struct {
	Client int
	Kind   Kind
	Name   string
	// Lease is, of an Acquire, the grant asked for and the token got; of a
	// Release, the lease that it names.
	Lease Lease
	// Floor is that of an Acquire.
	Floor  ports.Token
	Answer Answer
	// Holder is who was said to hold the name.
	Holder Lease
	// Begin and Return are when it began and when its answer was there, by any
	// clock that all calls share.
	Begin, Return int64
}

// String says what was asked and answered.
func (c Call) String() string {
	grant := c.Lease.Grant.String()[:6]
	switch c.Kind {
	case Acquire:
		return fmt.Sprintf("client %d: Acquire %q in %s → %s", c.Client, c.Name, grant, c.acquired())
	case Release:
		return fmt.Sprintf("client %d: Release %q in %s token %d → %s", c.Client, c.Name, grant, c.Lease.Token, [...]string{"unknown", "removed", "nothing removed"}[c.Answer])
	default:
		return fmt.Sprintf("client %d: Inspect %q → %s", c.Client, c.Name, c.inspected())
	}
}

func (c Call) acquired() string {
	switch c.Answer {
	case Yes:
		return fmt.Sprintf("token %d", c.Lease.Token)
	case No:
		return fmt.Sprintf("ErrHeld by %s token %d", c.Holder.Grant.String()[:6], c.Holder.Token)
	default:
		return "unknown"
	}
}

func (c Call) inspected() string {
	switch c.Answer {
	case Yes:
		return fmt.Sprintf("held by %s token %d", c.Holder.Grant.String()[:6], c.Holder.Token)
	case No:
		return "free"
	default:
		return "unknown"
	}
}
