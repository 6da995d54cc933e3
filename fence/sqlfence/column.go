package sqlfence

import (
	"database/sql"
	"fmt"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// Changed is for statements that compare the token with a column of your own,
// as in
//
//	UPDATE orders SET total = ?, token = ? WHERE id = ? AND token <= ?
//
// Such a statement must change a row unless its token is too low. Changed makes a *fence.StaleError of a result without a changed
// row. name says whose fence it is.
//
// The driver for MySQL counts rows that it found, rather than those that it
// gave new values, only with clientFoundRows=true in the data source name;
// without it a repeated change looks like a refused one.
func Changed(result sql.Result, name string, token core.Token) error {
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("behind the fence %.*q: %w", longestShown, name, err)
	}
	if rows == 0 {
		return &fence.StaleError{Fence: name, Token: token}
	}
	return nil
}
