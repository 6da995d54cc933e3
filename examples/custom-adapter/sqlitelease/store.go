// Package sqlitelease keeps leases in an SQLite file. It shows how to write a
// lease store for streamlease: the tables are in schema.sql, the store is this
// file, and its examination is the one call in conformance_test.go.
//
// The processes that share the file run on one machine, because SQLite's locks
// do. So they share a clock, which is the store's, and a power cut ends them
// all: the last transactions, which SQLite may lose then, are nobody's any more.
// On a full disk nothing can be written, so nothing is renewed either.
package sqlitelease

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"

	"github.com/streamlease/streamlease/ports"
)

//go:embed schema.sql
var schema string

// Store is a ports.LeaseStore with one grant for each member. Its methods may
// be called concurrently.
type Store struct {
	db   *sql.DB
	path string
	now  func() time.Time
}

var _ ports.LeaseStore = (*Store)(nil)

// Open opens the file, and makes it if it is not there. All processes that
// coordinate open the same one. now is the clock by which leases expire; nil
// means time.Now.
func Open(path string, now func() time.Time) (*Store, error) {
	if now == nil {
		now = time.Now
	}
	options := url.Values{
		// A call waits for other processes until its ctx ends; the minute only
		// says that SQLite is to wait at all.
		"_pragma": {"busy_timeout(60000)", "journal_mode(WAL)", "synchronous(NORMAL)"},
		// Lock first, then read: what was read without the lock may have
		// changed by the time one has it.
		"_txlock": {"immediate"},
	}
	file := url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return nil, fmt.Errorf("open the lease file %q: %w", path, err)
	}
	// Writers queue anyway. In Go's queue they do it in order and by their ctx.
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the lease file %q: %w", path, err), db.Close())
	}
	return &Store{db: db, path: path, now: now}, nil
}

// Close closes the file. What is leased stays so until it expires.
func (s *Store) Close() error { return s.db.Close() }

// Shape is ports.GrantPerMember.
func (s *Store) Shape() ports.GrantShape { return ports.GrantPerMember }

// Acquire leases names to member. See ports.LeaseStore.
func (s *Store) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	results := make([]ports.AcquireResult, len(requests))
	err := s.change(ctx, "Acquire", func(t *transaction) {
		for i, request := range requests {
			results[i] = s.acquire(t, member, request, ttl)
		}
	})
	return results, err
}

func (s *Store) acquire(t *transaction, member ports.Member, request ports.AcquireRequest, ttl time.Duration) (result ports.AcquireResult) {
	name, grant := request.Ref.Name, request.Grant.String()
	if err := ports.ValidateName(name); err != nil {
		return ports.AcquireResult{Err: s.refuse("Acquire", "correct the caller", err)}
	}
	// The clock keeps tokens growing when the counter was lost, the floor when
	// the clock is wrong too.
	token := max(t.lastToken+1, ports.Token(t.now/1000), request.Floor+1)
	if token <= request.Floor || token <= t.lastToken {
		return ports.AcquireResult{Err: s.refuse("Acquire", "choose a floor that leaves room", fmt.Errorf("no token is above %d", request.Floor))}
	}
	deadline, known := t.deadline(grant)
	switch {
	case known && deadline <= t.now, !known && !request.Open:
		// Nothing is made: this call may be older than its grant's end.
		return ports.AcquireResult{Err: expired(request.Grant)}
	case !known:
		t.exec(`INSERT INTO grants (id, member, incarnation, deadline) VALUES (?, ?, ?, ?)`,
			grant, member.ID, member.Incarnation, t.now+int64(ttl))
	}
	if holder, held := t.holder(name); held {
		err := fmt.Errorf("%w: %.100q by %v", ports.ErrHeld, name, holder.Member)
		return ports.AcquireResult{Err: err, Holder: holder, Tally: t.tally(grant)}
	}
	// What an expired grant left behind makes room.
	t.exec(`DELETE FROM leases WHERE name = ?`, name)
	t.exec(`INSERT INTO leases (name, message_id, grant_id, token) VALUES (?, ?, ?, ?)`, name, request.Ref.MessageID, grant, token)
	t.lastToken = token
	tally, _ := t.extend(grant, ttl)
	return ports.AcquireResult{Token: token, Tally: tally}
}

// Renew extends grants. See ports.LeaseStore.
func (s *Store) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	results := make([]ports.RenewResult, len(grants))
	err := s.change(ctx, "Renew", func(t *transaction) {
		for i, grant := range grants {
			tally, lives := t.extend(grant.String(), ttl)
			if results[i].Tally = tally; !lives {
				results[i].Err = expired(grant)
			}
		}
	})
	return results, err
}

// Leases pages through a grant in the order of its tokens, which are the
// cursors: what is added meanwhile comes last. See ports.LeaseStore.
func (s *Store) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (page ports.LeasePage, err error) {
	after, limit := int64(0), max(limit, 1)
	if cursor != "" {
		if after, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return page, s.refuse("Leases", "correct the caller", fmt.Errorf("cursor %.100q is not from a page", cursor))
		}
	}
	known := false
	err = s.look(ctx, "Leases", func(t *transaction) {
		var deadline int64
		deadline, known = t.deadline(grant.String())
		page.Expired, page.Tally = deadline <= t.now, t.tally(grant.String())
		// One more than asked for, to know whether there is one.
		page.Leases = t.leases(grant, after, limit+1)
	})
	switch {
	case err != nil:
		return ports.LeasePage{}, err
	case !known, page.Expired && page.Tally.Count == 0:
		return ports.LeasePage{}, expired(grant)
	case len(page.Leases) > limit:
		page.Leases = page.Leases[:limit]
		page.Next = strconv.FormatInt(int64(page.Leases[limit-1].Token), 10)
	}
	return page, nil
}

// Release gives leases back. See ports.LeaseStore.
func (s *Store) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	results := make([]ports.ReleaseResult, len(requests))
	err := s.change(ctx, "Release", func(t *transaction) {
		for i, request := range requests {
			lease, grant := request.Lease, request.Lease.Grant.String()
			removed := t.exec(`DELETE FROM leases WHERE name = ? AND grant_id = ? AND token = ?`, lease.Ref.Name, grant, lease.Token)
			results[i] = ports.ReleaseResult{Changed: removed > 0, Tally: t.tally(grant)}
			if request.EndGrant {
				t.exec(`DELETE FROM grants WHERE id = ? AND leases = 0`, grant)
			}
		}
	})
	return results, err
}

// Inspect says who holds names. See ports.LeaseStore.
func (s *Store) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	results := make([]ports.InspectResult, len(names))
	err := s.look(ctx, "Inspect", func(t *transaction) {
		for i, name := range names {
			results[i].Holder, results[i].Held = t.holder(name)
		}
	})
	return results, err
}

// transaction is one call's. All of it happens at one instant, or not at all.
// After the first error of a statement the others do nothing.
type transaction struct {
	tx  *sql.Tx
	ctx context.Context
	err error
	// now is nanoseconds since 1970.
	now       int64
	lastToken ports.Token
}

// change runs a call that writes. Other calls wait meanwhile.
func (s *Store) change(ctx context.Context, call string, do func(*transaction)) error {
	return s.transact(ctx, call, sql.TxOptions{}, func(t *transaction) {
		// What is over stays over, even if somebody sets the clock back.
		t.exec(`UPDATE grants SET deadline = 0 WHERE deadline BETWEEN 1 AND ?`, t.now)
		t.exec(`DELETE FROM grants WHERE deadline = 0 AND leases = 0`)
		t.find(`SELECT coalesce(max(token), 0) FROM counter`, nil, &t.lastToken)
		drawn := t.lastToken
		if do(t); t.lastToken > drawn {
			t.exec(`REPLACE INTO counter (only, token) VALUES (1, ?)`, t.lastToken)
		}
	})
}

// look runs a call that changes nothing, on one state of the file.
func (s *Store) look(ctx context.Context, call string, do func(*transaction)) error {
	return s.transact(ctx, call, sql.TxOptions{ReadOnly: true}, do)
}

func (s *Store) transact(ctx context.Context, call string, options sql.TxOptions, do func(*transaction)) error {
	tx, err := s.db.BeginTx(ctx, &options)
	if err != nil {
		return s.explain(call, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing, after a commit
	// The clock is read when the lock is there: read before, leases that have
	// expired during the wait would still live.
	t := &transaction{tx: tx, ctx: ctx, now: s.now().UnixNano()}
	if do(t); t.err != nil {
		return s.explain(call, t.err)
	}
	return s.explain(call, tx.Commit())
}

// exec answers how many rows it changed.
func (t *transaction) exec(statement string, args ...any) (changed int64) {
	if t.err != nil {
		return 0
	}
	var result sql.Result
	if result, t.err = t.tx.ExecContext(t.ctx, statement, args...); t.err == nil {
		changed, t.err = result.RowsAffected()
	}
	return changed
}

// find reads one row, if there is one.
func (t *transaction) find(query string, args []any, columns ...any) (found bool) {
	if t.err != nil {
		return false
	}
	err := t.tx.QueryRowContext(t.ctx, query, args...).Scan(columns...)
	if !errors.Is(err, sql.ErrNoRows) {
		t.err = err
	}
	return err == nil
}

func (t *transaction) deadline(grant string) (deadline int64, known bool) {
	known = t.find(`SELECT deadline FROM grants WHERE id = ?`, []any{grant}, &deadline)
	return deadline, known
}

func (t *transaction) tally(grant string) (tally ports.Tally) {
	t.find(`SELECT changes, leases FROM grants WHERE id = ?`, []any{grant}, &tally.Change, &tally.Count)
	return tally
}

// extend moves the end of a grant that lives, never to an earlier instant.
func (t *transaction) extend(grant string, ttl time.Duration) (tally ports.Tally, lives bool) {
	lives = t.find(`UPDATE grants SET deadline = max(deadline, ?) WHERE id = ? AND deadline > ? RETURNING changes, leases`,
		[]any{t.now + int64(ttl), grant, t.now}, &tally.Change, &tally.Count)
	return tally, lives
}

// holder says who has the live lease on name.
func (t *transaction) holder(name string) (holder ports.Holder, held bool) {
	var grant string
	var deadline int64
	held = t.find(`SELECT message_id, token, grant_id, member, incarnation, deadline FROM leases JOIN grants ON id = grant_id WHERE name = ? AND deadline > ?`,
		[]any{name, t.now}, &holder.Lease.Ref.MessageID, &holder.Lease.Token, &grant, &holder.Member.ID, &holder.Member.Incarnation, &deadline)
	if !held {
		return ports.Holder{}, false
	}
	holder.Lease.Ref.Name, holder.ExpiresIn = name, time.Duration(deadline-t.now)
	holder.Lease.Grant, t.err = ports.ParseGrantID(grant)
	return holder, true
}

func (t *transaction) leases(grant ports.GrantID, after int64, limit int) (leases []ports.Lease) {
	if t.err != nil {
		return nil
	}
	rows, err := t.tx.QueryContext(t.ctx, `SELECT name, message_id, token FROM leases WHERE grant_id = ? AND token > ? ORDER BY token LIMIT ?`, grant.String(), after, limit)
	if t.err = err; err != nil {
		return nil
	}
	defer func() { t.err = errors.Join(t.err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		lease := ports.Lease{Grant: grant}
		t.err = errors.Join(t.err, rows.Scan(&lease.Ref.Name, &lease.Ref.MessageID, &lease.Token))
		leases = append(leases, lease)
	}
	return leases
}

// advice is for the errors of SQLite after which certainly nothing was done.
var advice = map[int]string{
	sqlitecode.SQLITE_BUSY:     "another process keeps the file locked: find it",
	sqlitecode.SQLITE_FULL:     "make room on the disk",
	sqlitecode.SQLITE_READONLY: "let the user write to the file and its folder",
}

// explain makes a definite no of what is one. Any other error says that the
// outcome is unknown.
func (s *Store) explain(call string, err error) error {
	var reason *sqlite.Error
	if errors.As(err, &reason) && advice[reason.Code()&0xff] != "" {
		return s.refuse(call, advice[reason.Code()&0xff], err)
	}
	if err != nil {
		return fmt.Errorf("%s on the lease file %q: %w", call, s.path, err)
	}
	return nil
}

func (s *Store) refuse(call, advice string, cause error) error {
	return &ports.RefusedError{Server: s.path, Command: call, Advice: advice, Cause: cause}
}

func expired(grant ports.GrantID) error { return fmt.Errorf("%w: %v", ports.ErrExpired, grant) }
