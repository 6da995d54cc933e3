package core

import (
	"errors"
	"strings"
)

// What a port may answer for one item of a batch. Test with errors.Is.
//
// A result whose error is none of these, and a whole call whose error is not
// ErrRefused, has an unknown outcome: it may have been done, or be done later.
// Unknown is never taken for no.
var (
	// ErrHeld: another live lease holds the name (a lease of the caller's own
	// counts too). Whoever claimed it came too late.
	ErrHeld = errors.New("the stream is leased by another tenure")
	// ErrDisowned: a higher token, or another member with the same token, took
	// the assignment, or the tenure was settled: the caller no longer owns it.
	ErrDisowned = errors.New("the stream is no longer owned by this tenure")
	// ErrNotOwned: the member does not own the stream, and did not lose it
	// either: it never had it, or gave it back itself.
	ErrNotOwned = errors.New("the stream is not owned by this member")
	// ErrDone: the assignment is finished, or was put into the quarantine: it
	// is gone for good.
	ErrDone = errors.New("the stream is done")
	// ErrExpired: the store does not know the grant (any more). Only ports
	// answer it; an application meets ErrDisowned.
	ErrExpired = errors.New("the grant has expired")
	// ErrNotYet: the assignment failed before, and its retry time has not come.
	ErrNotYet = errors.New("the stream's retry time has not come")
	// ErrSuspect: so many crashes stand against the assignment that it is to be
	// tried alone. Only ports answer it.
	ErrSuspect = errors.New("the stream may have killed its owners")
	// ErrLost: the entry of a pending assignment was trimmed from the
	// load-balancer stream. It is never taken for done; its record is in the
	// quarantine. Only ports answer it.
	ErrLost = errors.New("the announcement was deleted before the stream was done")
	// ErrFull: the member owns as many streams as Config.MaxStreams allows, or as
	// many as it can renew in time at present.
	ErrFull = errors.New("the member has no room for another stream")
	// ErrInvalid: a name, an info, a ref or a config breaks its rules.
	ErrInvalid = errors.New("invalid")
	// ErrRefused: a definite no, and nothing was done. Ports answer it as a
	// *RefusedError.
	ErrRefused = errors.New("refused")
)

// RefusedError is the definite no of a server, in words that an operator can
// act on. It wraps ErrRefused and Cause.
type RefusedError struct {
	// Server says which server refused, without credentials.
	Server string
	// Command is what was refused.
	Command string
	// Advice says what to do about it.
	Advice string
	// Lasting: waiting does not mend it; somebody has to change the server,
	// the rights on it, or this program.
	Lasting bool
	// Cause is what the server said.
	Cause error
}

// Error names the server, the command, the cause and the advice.
func (e *RefusedError) Error() string {
	var text strings.Builder
	text.WriteString("refused")
	if e.Server != "" {
		text.WriteString(" by " + e.Server)
	}
	if e.Command != "" {
		text.WriteString(": " + e.Command)
	}
	if e.Cause != nil {
		text.WriteString(": " + e.Cause.Error())
	}
	if e.Advice != "" {
		text.WriteString(" (" + e.Advice + ")")
	}
	return text.String()
}

// Unwrap lets errors.Is find ErrRefused and the cause.
func (e *RefusedError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, e.Cause}
}
