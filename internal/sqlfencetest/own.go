package sqlfencetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence/sqlfence"
)

// A token in a column of one's own, for a row that exists and for one that may
// not.
const update = `UPDATE accounts SET balance = ?, token = ? WHERE id = ? AND token <= ?`

const upsert = `INSERT INTO accounts (id, balance, token) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, token = excluded.token
WHERE accounts.token <= excluded.token`

func (b *bench) ownColumn(t *testing.T) {
	_, err := b.db.ExecContext(t.Context(), `INSERT INTO accounts (id, balance, token) VALUES ('own', 0, 0)`)
	require.NoError(t, err)
	own := func(statement string, arguments func(balance int64, token core.Token) []any) {
		change := func(balance int64, token core.Token) error {
			result, err := b.db.ExecContext(t.Context(), b.statement(statement), arguments(balance, token)...)
			require.NoError(t, err)
			return sqlfence.Changed(result, "own", token)
		}
		require.NoError(t, change(1, older))
		require.NoError(t, change(2, newer))
		require.NoError(t, change(2, newer), "once more, with nothing new")
		require.ErrorIs(t, change(3, older), core.ErrDisowned)
		assert.EqualValues(t, 2, b.balance(t, "own"))
		_, err := b.db.ExecContext(t.Context(), `UPDATE accounts SET balance = 0, token = 0 WHERE id = 'own'`)
		require.NoError(t, err)
	}
	own(update, func(balance int64, token core.Token) []any { return []any{balance, int64(token), "own", int64(token)} })
	if b.dialect == sqlfence.MySQL { // it has no condition there
		return
	}
	own(upsert, func(balance int64, token core.Token) []any { return []any{"own", balance, int64(token)} })
	_, err = b.db.ExecContext(t.Context(), `DELETE FROM accounts WHERE id = 'own'`)
	require.NoError(t, err)
	own(upsert, func(balance int64, token core.Token) []any { return []any{"own", balance, int64(token)} })
}

func (b *bench) ownTransaction(t *testing.T) {
	require.NoError(t, b.fences.Raise(t.Context(), b.db, "transaction", newer))
	tx, err := b.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	assert.ErrorIs(t, b.fences.Check(t.Context(), tx, "transaction", older), core.ErrDisowned)
	require.NoError(t, tx.Rollback())

	tx, err = b.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, b.fences.Check(t.Context(), tx, "transaction", newer))
	require.NoError(t, b.setBalance(t, "transaction", 1)(tx))
	require.NoError(t, tx.Commit())
	assert.EqualValues(t, 1, b.balance(t, "transaction"))
}
