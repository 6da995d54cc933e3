package sqlitetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/sqlfence"
)

// Two tenures of one stream; the older one wakes up too late.
func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would be a database of its own
	fences, err := sqlfence.New(sqlfence.Config{Dialect: sqlfence.SQLite})
	if err != nil {
		log.Fatal(err)
	}
	for _, statement := range []string{
		fences.Schema(),
		`CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER)`,
		`INSERT INTO orders (id, total) VALUES (7, 0)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			log.Fatal(err)
		}
	}
	setTotal := func(total int) func(*sql.Tx) error {
		return func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE orders SET total = ? WHERE id = 7`, total)
			return err
		}
	}
	const older, newer streamlease.Token = 41, 42 // Stream.Token() of each

	fmt.Println(fences.Raise(ctx, db, "order-7", newer))
	fmt.Println(fences.Do(ctx, db, "order-7", newer, setTotal(10)))
	err = fences.Do(ctx, db, "order-7", older, setTotal(3))
	fmt.Println(errors.Is(err, streamlease.ErrDisowned))
	fmt.Println(err)
	var total int
	err = db.QueryRowContext(ctx, `SELECT total FROM orders WHERE id = 7`).Scan(&total)
	fmt.Println(total, err)
	// Output:
	// <nil>
	// <nil>
	// true
	// the stream is no longer owned by this tenure: the fence "order-7" refuses token 41, it has seen 42
	// 10 <nil>
}
