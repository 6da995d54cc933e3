package streamlease

import (
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/core"
)

// What a call may answer. Test with errors.Is; the text names the stream and
// says what is known beyond.
var (
	// ErrHeld: another tenure leases the name. Whoever claimed came too late.
	ErrHeld = core.ErrHeld
	// ErrDisowned: this tenure is over because the stream was lost; somebody
	// else may own it already.
	ErrDisowned = core.ErrDisowned
	// ErrNotOwned: this member does not own the stream and did not lose it
	// either: it never had it, or gave it back by HandOff, Fail or Close.
	ErrNotOwned = core.ErrNotOwned
	// ErrDone: the stream is finished, or in quarantine: gone for good.
	ErrDone = core.ErrDone
	// ErrNotYet: the stream failed before, and its retry time has not come.
	ErrNotYet = core.ErrNotYet
	// ErrFull: the member owns as many streams as Config.MaxStreams allows.
	ErrFull = core.ErrFull
	// ErrInvalid: a name, an info, a ref or a config breaks its rules, or a
	// call came before Init.
	ErrInvalid = core.ErrInvalid
	// ErrRefused: a server said a definite no, and nothing was done.
	// errors.As finds the *RefusedError with the advice.
	ErrRefused = core.ErrRefused

	// ErrClosed: the client, or the publisher, has ended or is ending.
	ErrClosed = errors.New("closed")
	// ErrAlreadyInitialized: Init was called before.
	ErrAlreadyInitialized = errors.New("the client is already initialized")
	// ErrStuck: a handler of Run made no progress for Config.StuckAfter, and its
	// stream was given back as failed.
	ErrStuck = errors.New("the handler made no progress")
	// ErrUnreturned: handlers had not returned when Run did.
	ErrUnreturned = errors.New("handlers have not returned")
	// ErrUnknownOutcome: the call was given up, or failed, at a moment when
	// the store may have acted on it, or may do so still.
	ErrUnknownOutcome = errors.New("the outcome is unknown")
)

var errNotInitialized = fmt.Errorf("%w call: the client is not initialized; call Init first", ErrInvalid)

// longestShown is how much of a name or an error text is shown: what comes
// from outside may be of any size.
const longestShown = 256

// about says which stream the sentinel is about, in the form of the core.
func about(sentinel error, ref StreamRef) error {
	return fmt.Errorf("%w: %.*q", sentinel, longestShown, ref.String())
}
