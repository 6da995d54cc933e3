package sqlfencetest

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease/core"
)

func (b *bench) theSuccessorWaits(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		assert.NoError(t, b.fences.Do(t.Context(), b.db, "waits", older, func(tx *sql.Tx) error {
			close(inside)
			<-goOn
			return b.setBalance(t, "waits", 1)(tx)
		}))
	})
	<-inside
	read := int64(-1)
	writing.Go(func() {
		assert.NoError(t, b.fences.Raise(t.Context(), b.db, "waits", newer))
		read = b.balance(t, "waits")
	})
	close(goOn)
	writing.Wait()
	assert.EqualValues(t, 1, read, "what the predecessor was about to commit")
	assert.ErrorIs(t, b.fences.Raise(t.Context(), b.db, "waits", older), core.ErrDisowned)
}

func (b *bench) thePredecessorWaits(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		assert.NoError(t, b.fences.Do(t.Context(), b.db, "late", newer, func(tx *sql.Tx) error {
			close(inside)
			<-goOn
			return b.setBalance(t, "late", 2)(tx)
		}))
	})
	<-inside
	writing.Go(func() {
		assert.ErrorIs(t, b.fences.Do(t.Context(), b.db, "late", older, b.setBalance(t, "late", 1)), core.ErrDisowned)
	})
	close(goOn)
	writing.Wait()
	assert.EqualValues(t, 2, b.balance(t, "late"))
}

// The model of a fence is one line: a token passes if none was higher.
func (b *bench) anyOrder(t *testing.T) {
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		name := fmt.Sprint("order-", round)
		highest := core.Token(0)
		for _, off := range rapid.SliceOfN(rapid.Int64Range(-2, 2), 1, 6).Draw(t, "off") {
			token := older + core.Token(off)
			err := b.fences.Do(t.Context(), b.db, name, token, b.setBalance(t, name, int64(token)))
			if token < highest {
				require.ErrorIs(t, err, core.ErrDisowned)
			} else {
				require.NoError(t, err)
				highest = token
			}
			require.EqualValues(t, highest, b.balance(t, name))
		}
	})
}

func (b *bench) atTheSameTime(t *testing.T) {
	const owners, writes = 4, 10
	var log []int // written inside of transactions that hold the fence
	var writing sync.WaitGroup
	var mu sync.Mutex
	for owner := range owners {
		writing.Go(func() {
			for range writes {
				err := b.fences.Do(t.Context(), b.db, "busy", older+core.Token(owner), func(*sql.Tx) error {
					mu.Lock()
					defer mu.Unlock()
					log = append(log, owner)
					return nil
				})
				if err != nil {
					assert.ErrorIs(t, err, core.ErrDisowned)
				}
			}
		})
	}
	writing.Wait()
	require.GreaterOrEqual(t, len(log), writes, "the highest token is never refused")
	assert.IsNonDecreasing(t, log)
}
