package sqlfencetest

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence/sqlfence"
)

// Tokens as the stores draw them: microseconds since 1970.
const (
	older core.Token = 1_795_452_315_174_888
	newer core.Token = 1_795_452_315_174_889
)

// bench is a database with a table of accounts, all of which stand behind
// fences.
type bench struct {
	db      *sql.DB
	fences  *sqlfence.Fences
	dialect sqlfence.Dialect
}

// Run runs every test of sqlfence on the database, which is empty and can have
// several connections at once.
func Run(t *testing.T, db *sql.DB, dialect sqlfence.Dialect) {
	fences, err := sqlfence.New(sqlfence.Config{Dialect: dialect})
	require.NoError(t, err)
	b := &bench{db: db, fences: fences, dialect: dialect}
	for range 2 { // the second time there is a table already
		_, err = db.ExecContext(t.Context(), fences.Schema())
		require.NoError(t, err)
	}
	_, err = db.ExecContext(t.Context(), `CREATE TABLE accounts (id VARCHAR(100) PRIMARY KEY, balance BIGINT NOT NULL, token BIGINT NOT NULL)`)
	require.NoError(t, err)
	b.run(t)
}

func (b *bench) run(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"a zombie is refused and changes nothing":                        b.aZombieIsRefused,
		"after Raise the predecessor is refused":                         b.raiseComesFirst,
		"one tenure writes as often as it likes":                         b.oneTenureWritesOften,
		"each fence remembers its own token":                             b.fencesAreApart,
		"a successor sees what its predecessor was about to commit":      b.theSuccessorWaits,
		"a predecessor that comes while its successor writes is refused": b.thePredecessorWaits,
		"an error of the change comes as it is and nothing stays":        b.errorsRollBack,
		"a panic of the change leaves nothing behind":                    b.panicsRollBack,
		"tokens are compared to the last digit":                          b.tokensAreExact,
		"names of any bytes are different names":                         b.namesAreBytes,
		"what makes no sense is refused":                                 b.nonsenseIsRefused,
		"an ended context is no refusal":                                 b.anEndedContextIsNoRefusal,
		"no order of tokens lets a lower one through after a higher":     b.anyOrder,
		"who writes at the same time never writes after a higher token":  b.atTheSameTime,
		"a column of one's own refuses a zombie":                         b.ownColumn,
		"a transaction of one's own is refused by Check":                 b.ownTransaction,
	} {
		t.Run(name, test)
	}
}

// statement puts the dialect's placeholders in for each ?.
func (b *bench) statement(text string) string {
	if b.dialect != sqlfence.PostgreSQL {
		return text
	}
	var numbered strings.Builder
	for i, part := range strings.Split(text, "?") {
		if i > 0 {
			numbered.WriteString("$" + string(rune('0'+i)))
		}
		numbered.WriteString(part)
	}
	return numbered.String()
}

// setBalance is a change: the account has this balance now.
func (b *bench) setBalance(t require.TestingT, account string, balance int64) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		result, err := tx.Exec(b.statement(`UPDATE accounts SET balance = ? WHERE id = ?`), balance, account)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected()
		if err != nil || changed > 0 {
			return err
		}
		// New, or unchanged where the database does not count that.
		_, err = tx.Exec(b.statement(`DELETE FROM accounts WHERE id = ?`), account)
		require.NoError(t, err)
		_, err = tx.Exec(b.statement(`INSERT INTO accounts (id, balance, token) VALUES (?, ?, 0)`), account, balance)
		return err
	}
}

// balance is the account's; -1: there is none.
func (b *bench) balance(t require.TestingT, account string) int64 {
	balance := int64(-1)
	err := b.db.QueryRow(b.statement(`SELECT balance FROM accounts WHERE id = ?`), account).Scan(&balance)
	if err != sql.ErrNoRows {
		require.NoError(t, err)
	}
	return balance
}
