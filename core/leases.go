package core

import (
	"encoding/hex"
	"fmt"
	"time"
)

// GrantID names a grant: what is renewed. It is drawn by the machine.
type GrantID [16]byte

// String returns 32 hexadecimal digits.
func (g GrantID) String() string { return hex.EncodeToString(g[:]) }

// IsZero reports whether no grant is named.
func (g GrantID) IsZero() bool { return g == GrantID{} }

// ParseGrantID reads what String returns, and the same in upper case. The error
// wraps ErrInvalid.
func ParseGrantID(text string) (GrantID, error) {
	var id GrantID
	if len(text) != 2*len(id) {
		return GrantID{}, fmt.Errorf("%w: grant %.100q does not have 32 hexadecimal digits", ErrInvalid, text)
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return GrantID{}, fmt.Errorf("%w: grant %q: %w", ErrInvalid, text, err)
	}
	return id, nil
}

// GrantShape says what one grant of a lease store covers.
type GrantShape uint8

// The shapes of a lease store.
const (
	// GrantPerMember: all leases of a member are renewed as one, its session.
	GrantPerMember GrantShape = iota + 1
	// GrantPerLease: each lease is renewed by itself.
	GrantPerLease
)

// String returns "session" or "single".
func (s GrantShape) String() string {
	switch s {
	case GrantPerMember:
		return "session"
	case GrantPerLease:
		return "single"
	default:
		return "no shape"
	}
}

// Lease is a member's time-limited right to a stream name.
type Lease struct {
	// Ref.Name is what is leased; Ref.MessageID is only remembered, for those
	// who find the lease later.
	Ref   StreamRef
	Grant GrantID
	Token Token
}

// AcquireRequest asks for one lease.
type AcquireRequest struct {
	Ref   StreamRef
	Grant GrantID
	// Open: this request opens the grant. Without it a grant that the store
	// does not know is ErrExpired.
	Open bool
	// Floor is a number that the token must exceed.
	Floor Token
}

// AcquireResult is the answer to one AcquireRequest.
type AcquireResult struct {
	// Err is nil, ErrHeld (Holder says by whom), ErrExpired, ErrRefused; any
	// other: unknown.
	Err error
	// Token is the new lease's token, when Err is nil.
	Token Token
	// Holder is who has the lease, when Err is ErrHeld, as far as the store
	// knows.
	Holder Holder
	// Tally is the grant's, right after this item; meaningless unless Err is
	// nil or ErrHeld. With ErrHeld it is zero for a grant that was never made.
	Tally Tally
}

// Holder is who holds a lease.
type Holder struct {
	Member Member
	Lease  Lease
	// ExpiresIn is how long the lease has left, by the store's clock.
	ExpiresIn time.Duration
}

// RenewResult is the answer for one grant.
type RenewResult struct {
	// Err is nil, ErrExpired, ErrRefused; any other: unknown.
	Err   error
	Tally Tally
}

// LeasePage is one page of what a grant holds.
type LeasePage struct {
	Leases []Lease
	// Next is the cursor of the next page; empty: this was the last.
	Next string
	// Expired: the grant is over, and what is listed is what it left behind
	// and nobody took yet.
	Expired bool
	// Tally is the grant's, at the instant the page was read, or an earlier
	// one of the same call.
	Tally Tally
}

// ReleaseRequest gives one lease back.
type ReleaseRequest struct {
	Lease Lease
	// EndGrant: the grant ends too if nothing is left in it.
	EndGrant bool
}

// ReleaseResult is the answer to one ReleaseRequest.
type ReleaseResult struct {
	// Err is nil when the lease is gone, now or before; ErrRefused; any
	// other: unknown.
	Err error
	// Changed: this very call removed the lease.
	Changed bool
	Tally   Tally
}

// InspectResult says who holds one name.
type InspectResult struct {
	// Err is nil or ErrRefused; any other: unknown.
	Err error
	// Held: a live lease holds the name, and Holder says whose.
	Held   bool
	Holder Holder
}
