package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/streamlease/streamlease"
)

// ledger is the resource that the members write to: the results of every
// stream. It stands for your database. It remembers the highest token that it
// has seen for each stream and refuses any lower one: that is what makes a
// member harmless that was frozen and does not know yet.
type ledger struct {
	mu       sync.Mutex
	accounts map[string]*account
}

type account struct {
	token    streamlease.Token
	entries  []entry
	finished int // times
}

type entry struct {
	record int
	token  streamlease.Token
}

var errOldToken = errors.New("old token")

func newLedger() *ledger { return &ledger{accounts: map[string]*account{}} }

// open makes the token known and answers where to go on. Both happen in one
// step: after it nobody with a lower token can add a record that the new owner
// does not know of.
func (l *ledger) open(stream string, token streamlease.Token) (position int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.accounts[stream] == nil {
		l.accounts[stream] = &account{}
	}
	account, err := l.fence(stream, token)
	if err != nil {
		return 0, err
	}
	return len(account.entries), nil
}

// write adds a record.
func (l *ledger) write(stream string, token streamlease.Token, record int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	account, err := l.fence(stream, token)
	if err == nil {
		account.entries = append(account.entries, entry{record, token})
	}
	return err
}

// finish notes that the last record was written.
func (l *ledger) finish(stream string, token streamlease.Token) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	account, err := l.fence(stream, token)
	if err == nil {
		account.finished++
	}
	return err
}

// fence refuses a token that is lower than one it has seen.
func (l *ledger) fence(stream string, token streamlease.Token) (*account, error) {
	account := l.accounts[stream]
	if token < account.token {
		return nil, fmt.Errorf("%w: %d is lower than %d", errOldToken, token, account.token)
	}
	account.token = token
	return account, nil
}

// verify says whether every stream was finished once, every record of the feed
// was written once and in order, and no owner wrote after its successor.
func (l *ledger) verify(f *feed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream, fed := range f.lengths() {
		account := l.accounts[stream]
		if account == nil || account.finished != 1 {
			return fmt.Errorf("%s should be finished exactly once", stream)
		}
		if len(account.entries) != fed {
			return fmt.Errorf("%s should have %d records, but has %d", stream, fed, len(account.entries))
		}
		for i, entry := range account.entries {
			if entry.record != i {
				return fmt.Errorf("%s should have record %d as its next, but has record %d", stream, i, entry.record)
			}
			if i > 0 && entry.token < account.entries[i-1].token {
				return fmt.Errorf("record %d of %s should have been refused: it came from an earlier owner than the one before it", i, stream)
			}
		}
	}
	return nil
}
