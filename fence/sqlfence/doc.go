// Package sqlfence puts a fence before transactions on a SQL database: a row
// for each data stream holds the highest token that was seen, and the
// transaction of a lower one is refused.
//
//	fences, err := sqlfence.New(sqlfence.Config{Dialect: sqlfence.PostgreSQL})
//	_, err = db.ExecContext(ctx, fences.Schema()) // once
//
//	// At the start of a tenure, before anything is read:
//	err = fences.Raise(ctx, db, "order-7", stream.Token())
//
//	// Then, for every change:
//	err = fences.Do(ctx, db, "order-7", stream.Token(), func(tx *sql.Tx) error {
//		_, err := tx.ExecContext(ctx, `UPDATE orders SET total = $1 WHERE id = 7`, 42)
//		return err
//	})
//	if errors.Is(err, streamlease.ErrDisowned) {
//		return // somebody else owns the stream; nothing was changed
//	}
//
// Package fence says what a fence does and what it does not.
//
// # Why it holds
//
// The fence's row is written first in each transaction, and so is locked until
// the transaction ends. A tenure that comes meanwhile with a higher token waits
// for that, and then sees everything that was changed; one with a lower token
// waits too, and is refused. This holds at every isolation level. At
// REPEATABLE READ and SERIALIZABLE, PostgreSQL ends one of two transactions
// that meet with a serialization failure, which is no refusal: repeat it.
//
// # What may go wrong
//
// When Commit fails the outcome is unknown, as with any transaction. Repeat it
// with the same token if the change is one that may happen twice.
//
// Rows stay when a stream is done. Those whose used_at is older than any
// process may sleep can be deleted.
package sqlfence
