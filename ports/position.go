package ports

import (
	"fmt"
	"time"
)

const (
	// MaxPositionBytes is the longest position that a checkpoint holds.
	MaxPositionBytes = 64 << 10
	// FinishedFor is how long a checkpoint is kept after it was closed.
	FinishedFor = time.Hour
)

// ValidatePosition is nil, or an error that wraps ErrInvalid.
func ValidatePosition(position string) error {
	if len(position) > MaxPositionBytes {
		return fmt.Errorf("%w: a position of %d bytes; the limit is %d", ErrInvalid, len(position), MaxPositionBytes)
	}
	return nil
}

// LoadRequest asks for the position from which a tenure goes on.
type LoadRequest struct {
	Ref StreamRef
	// Token is the tenure's.
	Token Token
}

// LoadResult is the answer to one LoadRequest.
type LoadResult struct {
	// Position was saved last, when Err is nil; empty: none was.
	Position string
	// Err is nil, ErrDisowned, ErrDone or ErrRefused; any other: unknown, and
	// asking again is safe.
	Err error
}

// SaveRequest keeps a position.
type SaveRequest struct {
	Ref StreamRef
	// Token is the tenure's.
	Token Token
	// Number is positive and grows with every Save of the tenure.
	Number   int64
	Position string
}

// SaveResult is the answer to one SaveRequest.
type SaveResult struct {
	// Err is nil, ErrDisowned, ErrDone, ErrInvalid or ErrRefused; any other:
	// unknown, and saving again is safe.
	Err error
}

// FinishRequest closes a checkpoint.
type FinishRequest struct {
	Ref StreamRef
	// Token is that of the tenure that is about to be settled.
	Token Token
}

// FinishResult is the answer to one FinishRequest.
type FinishResult struct {
	// Err is nil, ErrDisowned or ErrRefused; any other: unknown, and finishing
	// again is safe.
	Err error
}
