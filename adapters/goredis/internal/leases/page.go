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
	if err := checkCursor(cursor); err != nil {
		return ports.LeasePage{}, invalid("Leases", fmt.Errorf("grant %v: %w", grant, err))
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

func checkCursor(cursor string) error {
	if cursor == "" {
		return nil
	}
	if _, err := strconv.ParseUint(cursor, 10, 63); err != nil {
		return fmt.Errorf("%w: cursor %.100q is not from a page", ports.ErrInvalid, cursor)
	}
	return nil
}

// readPage reads the script's reply. A lease on what is no name was made by
// somebody else, and is left out.
func readPage(grant ports.GrantID, reply any) (page ports.LeasePage, known, ok bool) {
	read := newReader(reply)
	if read.Done() {
		return ports.LeasePage{}, false, true
	}
	page.Expired = read.Word("live", "expired") == "expired"
	page.Tally = read.tally()
	page.Next = read.cursor()
	for read.More() {
		name, token := read.Text(), read.Token()
		ref := ports.StreamRef{Name: name, MessageID: read.Text()}
		if ports.ValidateName(name) == nil {
			page.Leases = append(page.Leases, ports.Lease{Ref: ref, Grant: grant, Token: token})
		}
	}
	return page, true, read.Done()
}
