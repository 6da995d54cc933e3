package fence

import (
	"fmt"

	"github.com/streamlease/streamlease/core"
)

// longestShown is how much of a name an error shows: it may be of any size.
const longestShown = 256

// StaleError is the refusal of a token: a later tenure of the stream has been
// there, and nothing was changed. It wraps streamlease.ErrDisowned.
type StaleError struct {
	// Fence names what refused: a stream, or a key.
	Fence string
	// Token is what was refused.
	Token core.Token
	// Highest is the token that the fence has seen; 0 when nobody can tell.
	Highest core.Token
}

// Error names the fence and both tokens.
func (e *StaleError) Error() string {
	seen := "a higher one"
	if e.Highest > 0 {
		seen = fmt.Sprintf("%d", e.Highest)
	}
	return fmt.Sprintf("%v: the fence %.*q refuses token %d, it has seen %s", core.ErrDisowned, longestShown, e.Fence, e.Token, seen)
}

// Unwrap is streamlease.ErrDisowned: who is refused has lost the stream.
func (e *StaleError) Unwrap() error { return core.ErrDisowned }

// ValidateToken reports whether token can be that of a tenure: those are
// positive. The error wraps streamlease.ErrInvalid.
func ValidateToken(token core.Token) error {
	if token <= 0 {
		return fmt.Errorf("%w: %d is no fencing token; pass that of the tenure, Stream.Token()", core.ErrInvalid, token)
	}
	return nil
}
