package ports

import (
	"context"
	"time"
)

// LeaseStore keeps who has the time-limited right to which stream name.
//
// Leases are renewed by grant: one for each member (GrantPerMember, its
// session, which holds all its leases) or one for each lease (GrantPerLease).
// An expired lease or grant is gone for ever, even if nobody took the name
// since: no call brings it back.
//
// Every change of a grant's set of leases raises the grant's change number by
// one, whoever made it: an Acquire, a Release, an operator. The change numbers
// in the results are those right after the item.
type LeaseStore interface {
	// Shape is what one grant covers. It never changes.
	Shape() GrantShape

	// Acquire leases names to member for ttl. At most one live lease exists
	// for a name at any instant; a name that any live lease holds, one of the
	// caller's own included, is ErrHeld.
	//
	// The lease joins the request's grant, and the grant is extended to now +
	// ttl (never shortened) in the same step. A request with Open makes the
	// grant; no other request of the call names that grant. Without Open, a
	// grant that the store does not know or that has expired is ErrExpired,
	// and nothing is made, whether or not the name is held: a call that executes late must not revive what is
	// gone. Open for a grant that lives joins it; for one that is over,
	// ErrExpired as far as the store remembers it. Whether Open makes the
	// grant when the name is held is left to the store.
	//
	// The token is greater than every earlier token of the name and than the
	// floor, also after the store was flushed, restarted or failed over with
	// its last writes lost: max(counter + 1, server clock in microseconds,
	// floor + 1). Acquiring and drawing the token are one atomic step, or the
	// token is drawn between the acquisition and a check that the lock is
	// still this very acquisition's.
	//
	// When the store is out of memory Acquire is ErrRefused.
	Acquire(ctx context.Context, member Member, requests []AcquireRequest, ttl time.Duration) ([]AcquireResult, error)

	// Renew extends each grant, and so every lease in it, to now + ttl (never
	// shortens it), and answers its tally. A grant that the store does not
	// know, or that has expired, is ErrExpired. Renew works when the store is
	// out of memory.
	Renew(ctx context.Context, grants []GrantID, ttl time.Duration) ([]RenewResult, error)

	// Leases pages through what a grant holds, or, once it has expired, what
	// it left behind and nobody has taken since. A page has at most limit
	// leases. The cursor is empty for the first page, else the Next of the page
	// before. A lease that is there from the first page to the last is listed
	// at least once. A grant that
	// the store does not know at all is ErrExpired. What an expired grant
	// left behind is kept until it was taken or released; a grant with
	// nothing left is forgotten. A lease whose Acquire ended half-way may be
	// listed with token 0, and is released like any other.
	Leases(ctx context.Context, grant GrantID, cursor string, limit int) (LeasePage, error)

	// Release gives leases back; the names are free at once. It needs the
	// exact token and grant: anything else is left alone, and is a success
	// too, as is a lease that is gone already. With EndGrant a grant in which
	// nothing is left ends; a request without a name does only that. Release
	// works when the store is out of memory.
	Release(ctx context.Context, requests []ReleaseRequest) ([]ReleaseResult, error)

	// Inspect says who holds the names, for anybody. It changes nothing.
	Inspect(ctx context.Context, names []string) ([]InspectResult, error)
}
