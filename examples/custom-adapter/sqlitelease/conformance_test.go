package sqlitelease

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheStoreKeepsTheContract(t *testing.T) {
	conformance.LeaseStore(t, harness{})
}

// harness makes the stores that the suite examines.
type harness struct{}

func (harness) Limits() conformance.Limits {
	return conformance.Limits{SmallestTTL: time.Second, ClockStep: time.Nanosecond}
}

func (harness) Open() (conformance.LeaseStoreInstance, error) {
	folder, err := os.MkdirTemp("", "sqlitelease")
	return &instance{clock: newClock(), folder: folder}, err
}

// instance is one file, which any number of processes could share. What it can
// do beyond Handle and Close, the suite finds out by itself: it is a
// conformance.Clock, Flusher, Restarter, KeyDeleter and Refuser.
type instance struct {
	*clock
	folder string
	stores []*Store
}

// Handle is the store as one more process has it.
func (i *instance) Handle() (ports.LeaseStore, error) {
	store, err := Open(i.path(), i.Now)
	if err != nil {
		return nil, err
	}
	i.stores = append(i.stores, store)
	return store, nil
}

func (i *instance) Close() error { return os.RemoveAll(i.folder) }

func (i *instance) path() string { return filepath.Join(i.folder, "leases.db") }

// Flush is what happens to a file that is lost and made again.
func (i *instance) Flush() error {
	return i.operate(`DELETE FROM grants; DELETE FROM leases; DELETE FROM counter`)
}

// Restart closes the file everywhere and opens it again.
func (i *instance) Restart() error {
	for _, store := range i.stores {
		again, err := Open(i.path(), i.Now)
		if err != nil {
			return err
		}
		if err := store.db.Close(); err != nil {
			return err
		}
		store.db = again.db
	}
	return nil
}

// Keys are the rows that an operator could delete by hand.
func (i *instance) Keys() (keys []string, err error) {
	rows, err := i.stores[0].db.Query(`SELECT 'grants rowid ' || rowid FROM grants UNION ALL SELECT 'leases rowid ' || rowid FROM leases UNION ALL SELECT 'counter only 1'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var key string
		err = errors.Join(err, rows.Scan(&key))
		keys = append(keys, key)
	}
	return keys, err
}

func (i *instance) DeleteKey(key string) error {
	at := strings.Fields(key)
	return i.operate(`DELETE FROM ` + at[0] + ` WHERE ` + at[1] + ` = ` + at[2])
}

func (i *instance) operate(statements string) error {
	_, err := i.stores[0].db.Exec(statements)
	return err
}

// Refuse makes the file read-only, as far as the stores can tell.
func (i *instance) Refuse() error { return i.forEach(`PRAGMA query_only = 1`) }

// Accept ends that.
func (i *instance) Accept() error { return i.forEach(`PRAGMA query_only = 0`) }

func (i *instance) forEach(pragma string) (err error) {
	for _, store := range i.stores {
		_, failed := store.db.Exec(pragma)
		err = errors.Join(err, failed)
	}
	return err
}

// clock stands still but for Advance.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance implements conformance.Clock.
func (c *clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}
