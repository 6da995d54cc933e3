package serverstest

import (
	"database/sql"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/fence/sqlfence"
	"github.com/streamlease/streamlease/internal/sqlfencetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPostgreSQL(t *testing.T) {
	db := startPostgreSQL(t)
	sqlfencetest.Run(t, db, sqlfence.PostgreSQL)
	testIsolation(t, db, sqlfence.PostgreSQL)
}

func TestMariaDB(t *testing.T) {
	db := startMariaDB(t)
	sqlfencetest.Run(t, db, sqlfence.MySQL)
	testIsolation(t, db, sqlfence.MySQL)
}

// A transaction whose snapshot is older than its successor's writes does not
// pass the fence, at any level.
func testIsolation(t *testing.T, db *sql.DB, dialect sqlfence.Dialect) {
	fences, err := sqlfence.New(sqlfence.Config{Dialect: dialect})
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `INSERT INTO accounts (id, balance, token) VALUES ('untouched', 0, 0)`)
	require.NoError(t, err)
	for _, level := range []sql.IsolationLevel{sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
		t.Run(level.String(), func(t *testing.T) {
			name := "level " + level.String()
			require.NoError(t, fences.Raise(t.Context(), db, name, 41))
			zombie, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
			require.NoError(t, err)
			var balance int64
			require.NoError(t, zombie.QueryRow(`SELECT balance FROM accounts WHERE id = 'untouched'`).Scan(&balance))
			require.NoError(t, fences.Raise(t.Context(), db, name, 42))
			err = fences.Check(t.Context(), zombie, name, 41)
			require.Error(t, err)
			t.Log(err)
			require.NoError(t, zombie.Rollback())
		})
	}
}
