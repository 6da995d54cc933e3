package sqlfence_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/sqlfence"
)

// What needs a database is tested in sqlitetest and serverstest.

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	for complaint, config := range map[string]sqlfence.Config{
		"Dialect is Dialect(0)": {},
		"Dialect is Dialect(9)": {Dialect: 9},
		`Table is "a; DROP"`:    {Dialect: sqlfence.MySQL, Table: "a; DROP"},
		`Table is "a.b.c"`:      {Dialect: sqlfence.MySQL, Table: "a.b.c"},
		`Table is "1a"`:         {Dialect: sqlfence.MySQL, Table: "1a"},
		`Table is "a\n"`:        {Dialect: sqlfence.MySQL, Table: "a\n"},
	} {
		_, err := sqlfence.New(config)
		assert.ErrorIs(t, err, streamlease.ErrInvalid)
		assert.ErrorContains(t, err, complaint)
	}
}

func TestTheTableIsInTheSchema(t *testing.T) {
	for _, dialect := range []sqlfence.Dialect{sqlfence.PostgreSQL, sqlfence.MySQL, sqlfence.SQLite} {
		for table, config := range map[string]sqlfence.Config{
			sqlfence.DefaultTable: {Dialect: dialect},
			"shop.fences":         {Dialect: dialect, Table: "shop.fences"},
		} {
			fences, err := sqlfence.New(config)
			require.NoError(t, err)
			assert.Contains(t, fences.Schema(), "CREATE TABLE IF NOT EXISTS "+table+" (", dialect)
		}
	}
}
