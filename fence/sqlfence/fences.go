package sqlfence

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"regexp"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// MaxNameBytes is the longest name of a fence, in bytes.
const MaxNameBytes = 512

// DefaultTable is the table of the fences, unless Config says otherwise.
const DefaultTable = "streamlease_fences"

// Config says what Fences work with. Only Dialect is required.
type Config struct {
	// Dialect is the SQL that the database speaks.
	Dialect Dialect
	// Table is the table of the fences: letters, digits and underscores,
	// perhaps after a schema and a dot. Defaults to DefaultTable.
	Table string
}

// Fences are the fences in one table. They may be used concurrently.
type Fences struct{ statements statements }

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

// New makes Fences. It sends nothing. The error wraps streamlease.ErrInvalid.
func New(config Config) (*Fences, error) {
	known, found := byDialect[config.Dialect]
	if !found {
		return nil, fmt.Errorf("%w: sqlfence.Config.Dialect is %v; want PostgreSQL, MySQL or SQLite", core.ErrInvalid, config.Dialect)
	}
	table := cmp.Or(config.Table, DefaultTable)
	if !identifier.MatchString(table) {
		return nil, fmt.Errorf("%w: sqlfence.Config.Table is %.*q; want letters, digits and underscores", core.ErrInvalid, longestShown, table)
	}
	return &Fences{known.forTable(table)}, nil
}

// Schema is the statement that makes the table if there is none: for your
// migrations, or to be executed before anything else.
func (f *Fences) Schema() string { return f.statements.schema }

// Raise makes the token known to the fence, in a transaction of its own: lower
// ones are refused from now on. Call it when a tenure begins, before you read
// what earlier ones left. Errors are those of Do.
func (f *Fences) Raise(ctx context.Context, db *sql.DB, name string, token core.Token) error {
	return f.Do(ctx, db, name, token, func(*sql.Tx) error { return nil })
}

// Do runs change in a transaction if the fence has seen no higher token, and
// commits. name is that of the data stream, or what else names its fence.
// change must neither commit nor roll back.
//
// A *fence.StaleError, which wraps streamlease.ErrDisowned: the token is too
// low, and change has not run. streamlease.ErrInvalid: name or token cannot be
// used. The error of change comes as it is, after a rollback. Any other error is
// the database's; when it comes from the commit, the outcome is unknown.
func (f *Fences) Do(ctx context.Context, db *sql.DB, name string, token core.Token, change func(tx *sql.Tx) error) error {
	if err := check(name, token); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("behind the fence %q: begin: %w", name, err)
	}
	// After the commit it does nothing; before, it also ends what panics.
	defer func() { _ = tx.Rollback() }()
	if err := f.Check(ctx, tx, name, token); err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("behind the fence %q: commit, whose outcome is unknown: %w", name, err)
	}
	return nil
}

// Check is the fence for a transaction of your own. Call it first; when it
// fails, roll back. Errors are those of Do.
func (f *Fences) Check(ctx context.Context, tx *sql.Tx, name string, token core.Token) error {
	if err := check(name, token); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, f.statements.raise, []byte(name), int64(token)); err != nil {
		return fmt.Errorf("behind the fence %q: %w", name, err)
	}
	var highest int64
	if err := tx.QueryRowContext(ctx, f.statements.highest, []byte(name)).Scan(&highest); err != nil {
		return fmt.Errorf("behind the fence %q: %w", name, err)
	}
	if core.Token(highest) > token {
		return &fence.StaleError{Fence: name, Token: token, Highest: core.Token(highest)}
	}
	return nil
}

// longestShown is how much of a name an error shows.
const longestShown = 256

func check(name string, token core.Token) error {
	if name == "" || len(name) > MaxNameBytes {
		return fmt.Errorf("%w: the name of the fence, %.*q, has %d bytes; want 1 to %d", core.ErrInvalid, longestShown, name, len(name), MaxNameBytes)
	}
	if err := fence.ValidateToken(token); err != nil {
		return fmt.Errorf("the fence %q: %w", name, err)
	}
	return nil
}
