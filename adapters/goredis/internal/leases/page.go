package leases

import (
	"context"
	"fmt"
	"strconv"

	"github.com/streamlease/streamlease/ports"
)

// Leases pages through a session in the order in which its leases were
// acquired; a page is cut short when its names are long. The cursor is the
// token of the page's last lease. See ports.LeaseStore.
func (s *Store) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	if cursor != "" {
		if _, err := strconv.ParseUint(cursor, 10, 63); err != nil {
			return ports.LeasePage{}, invalid("Leases", fmt.Errorf("%w: cursor %.100q of grant %v is not from a page", ports.ErrInvalid, cursor, grant))
		}
	}
	limit = min(max(limit, 1), largestPage)
	reply, err := leasesScript.Run(ctx, s.conn.Rest, s.keys, grant.String(), cursor, limit, pageBytes)
	if err != nil {
		return ports.LeasePage{}, fmt.Errorf("list grant %v: %w", grant, err)
	}
	page, known, ok := readPage(grant, reply)
	switch {
	case !ok:
		return ports.LeasePage{}, fmt.Errorf("list grant %v: %w", grant, leasesScript.BadReply(reply))
	case !known:
		return ports.LeasePage{}, fmt.Errorf("%w: grant %v", ports.ErrExpired, grant)
	}
	return page, nil
}

func readPage(grant ports.GrantID, reply any) (page ports.LeasePage, known, ok bool) {
	read := newReader(reply)
	if read.done() {
		return ports.LeasePage{}, false, true
	}
	state := read.text()
	page.Expired = state == "expired"
	page.Tally = read.tally()
	page.Next = read.text()
	for read.ok && read.left() > 0 {
		name, token := read.text(), ports.Token(read.number())
		ref := ports.StreamRef{Name: name, MessageID: read.text()}
		page.Leases = append(page.Leases, ports.Lease{Ref: ref, Grant: grant, Token: token})
	}
	return page, true, read.done() && (state == "live" || state == "expired")
}
