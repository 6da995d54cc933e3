package admin

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// Find finds an assignment of a name: the one whose lease is held, else the one
// that was announced first. For a name that nobody leases it goes through all
// that is announced, and calls passing, if that is not nil, with how many it has
// passed; ports.ErrDone: there is none.
func (a *Admin) Find(ctx context.Context, name string, passing func(passed int)) (Detail, error) {
	leases, err := a.inspect(ctx, []string{name})
	if err == nil {
		err = leases[0].Err
	}
	if err != nil {
		return Detail{}, fmt.Errorf("look for %.100q: %w", name, err)
	}
	if ref := leases[0].Holder.Lease.Ref; leases[0].Held && ref.MessageID != "" {
		if detail, err := a.Stream(ctx, ref); err == nil {
			return detail, nil
		}
	}
	passed := 0
	for page, err := range a.Pages(ctx, Filter{Name: name}) {
		if err != nil {
			return Detail{}, err
		}
		if len(page.Streams) > 0 {
			return a.Stream(ctx, page.Streams[0].Ref)
		}
		passed += page.Passed
		if passing != nil {
			passing(passed)
		}
	}
	return Detail{}, fmt.Errorf("%w: no assignment of %.100q is announced", ports.ErrDone, name)
}
