package sqlfence

import (
	"fmt"
	"strings"
)

// Dialect is the SQL that a database speaks.
type Dialect int

// The dialects.
const (
	// PostgreSQL: placeholders are $1, $2. Version 9.5 or later.
	PostgreSQL Dialect = iota + 1
	// MySQL: placeholders are ?. MySQL and MariaDB, with InnoDB tables.
	MySQL
	// SQLite: placeholders are ?. Version 3.24 or later. Set a busy_timeout: two
	// transactions cannot write at once.
	SQLite
)

// statements are those of one dialect for one table.
type statements struct {
	schema string
	// raise writes the row, and so locks it, but never lowers its token. Its
	// arguments are name and token.
	raise string
	// highest reads the row that raise has locked.
	highest string
}

// Names are bytes everywhere: with a collation, two names could be one.
var byDialect = map[Dialect]statements{
	PostgreSQL: {
		schema: `CREATE TABLE IF NOT EXISTS TABLE_NAME (
	name    BYTEA PRIMARY KEY,
	token   BIGINT NOT NULL,
	used_at TIMESTAMPTZ NOT NULL
)`,
		raise: `INSERT INTO TABLE_NAME AS fence (name, token, used_at) VALUES ($1, $2, CURRENT_TIMESTAMP)
ON CONFLICT (name) DO UPDATE SET token = GREATEST(fence.token, excluded.token), used_at = excluded.used_at`,
		highest: `SELECT token FROM TABLE_NAME WHERE name = $1`,
	},
	MySQL: {
		schema: `CREATE TABLE IF NOT EXISTS TABLE_NAME (
	name    VARBINARY(512) PRIMARY KEY,
	token   BIGINT NOT NULL,
	used_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB`,
		raise: `INSERT INTO TABLE_NAME (name, token, used_at) VALUES (?, ?, CURRENT_TIMESTAMP)
ON DUPLICATE KEY UPDATE token = GREATEST(token, VALUES(token)), used_at = VALUES(used_at)`,
		// A plain SELECT would read what the transaction's snapshot has.
		highest: `SELECT token FROM TABLE_NAME WHERE name = ? FOR UPDATE`,
	},
	SQLite: {
		schema: `CREATE TABLE IF NOT EXISTS TABLE_NAME (
	name    BLOB PRIMARY KEY,
	token   INTEGER NOT NULL,
	used_at TEXT NOT NULL
)`,
		raise: `INSERT INTO TABLE_NAME (name, token, used_at) VALUES (?, ?, CURRENT_TIMESTAMP)
ON CONFLICT (name) DO UPDATE SET token = MAX(token, excluded.token), used_at = excluded.used_at`,
		highest: `SELECT token FROM TABLE_NAME WHERE name = ?`,
	},
}

// String is the name of the database.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	default:
		return fmt.Sprintf("Dialect(%d)", int(d))
	}
}

// forTable puts the table's name in, which is known to be an identifier.
func (s statements) forTable(name string) statements {
	put := func(statement string) string { return strings.ReplaceAll(statement, "TABLE_NAME", name) }
	return statements{schema: put(s.schema), raise: put(s.raise), highest: put(s.highest)}
}
