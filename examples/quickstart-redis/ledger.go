package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
)

// ledger is the resource that the members write to: the results of every
// stream. It stands for your database. It remembers the highest token that it
// has seen for each stream and refuses any lower one: that is what makes a
// member harmless that was frozen and does not know yet.
type ledger struct {
	rdb     *redis.Client
	service string
}

var errOldToken = errors.New("old token")

var (
	//go:embed ledger.lua
	ledgerSource string
	ledgerScript = redis.NewScript(ledgerSource)
)

func newLedger(rdb *redis.Client, service string) *ledger { return &ledger{rdb, service} }

// open makes the token known and answers where to go on, and whether the last
// record was written already. All of it happens in one step: after it nobody
// with a lower token can add a record that the new owner does not know of.
func (l *ledger) open(ctx context.Context, stream string, token streamlease.Token) (position string, finished bool, err error) {
	return l.add(ctx, stream, token, nil)
}

// write adds records, and reports whether the stream's last was among them.
func (l *ledger) write(stream string, token streamlease.Token, records []record) (finished bool, err error) {
	// Not the stream's context: who is late must be refused by the ledger.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, finished, err = l.add(ctx, stream, token, records)
	return finished, err
}

func (l *ledger) add(ctx context.Context, stream string, token streamlease.Token, records []record) (position string, finished bool, err error) {
	last := 0
	args := []any{int64(token), last}
	for _, record := range records {
		if record.last {
			last = 1
		}
		args = append(args, record.id)
	}
	args[1] = last
	reply, err := ledgerScript.Run(ctx, l.rdb, []string{l.account(stream), l.entries(stream)}, args...).Slice()
	if err != nil {
		return "", false, fmt.Errorf("the ledger does not answer for %s: %w", stream, err)
	}
	if reply[0] == int64(0) {
		return "", false, fmt.Errorf("%w: %d is lower than %s", errOldToken, token, reply[1])
	}
	return fmt.Sprint(reply[2]), reply[3] != int64(0), nil
}

func (l *ledger) account(stream string) string { return l.service + ":ledger:" + stream }
func (l *ledger) entries(stream string) string { return l.account(stream) + ":entries" }

// verify says whether every stream was finished once, every record of the feed
// was written once and in order, and no owner wrote after its successor.
func (l *ledger) verify(ctx context.Context, f *feed) error {
	for _, stream := range f.names() {
		fed, err := f.all(ctx, stream)
		if err != nil {
			return err
		}
		entries, err := l.rdb.LRange(ctx, l.entries(stream), 0, -1).Result()
		if err != nil {
			return err
		}
		finished, err := l.rdb.HGet(ctx, l.account(stream), "finished").Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if finished != "1" {
			return fmt.Errorf("%s should be finished exactly once", stream)
		}
		if err := compare(entries, fed); err != nil {
			return fmt.Errorf("%s: %w", stream, err)
		}
	}
	return nil
}

// compare looks for the records in the entries of the ledger.
func compare(entries []string, fed []record) error {
	if len(entries) != len(fed) {
		return fmt.Errorf("there should be %d records, but there are %d", len(fed), len(entries))
	}
	highest := int64(0)
	for i, entry := range entries {
		text, position, _ := strings.Cut(entry, " ")
		token, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("an entry of the ledger has no token: %w", err)
		}
		if position != fed[i].id {
			return fmt.Errorf("record %s should be next, but %s is", fed[i].id, position)
		}
		if token < highest {
			return fmt.Errorf("record %s should have been refused: it came from an earlier owner than the one before it", position)
		}
		highest = token
	}
	return nil
}
