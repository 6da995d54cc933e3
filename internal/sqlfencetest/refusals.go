package sqlfencetest

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
	"github.com/streamlease/streamlease/fence/sqlfence"
)

func (b *bench) aZombieIsRefused(t *testing.T) {
	require.NoError(t, b.fences.Do(t.Context(), b.db, "zombie", older, b.setBalance(t, "zombie", 1)))
	require.NoError(t, b.fences.Do(t.Context(), b.db, "zombie", newer, b.setBalance(t, "zombie", 2)))
	err := b.fences.Do(t.Context(), b.db, "zombie", older, func(*sql.Tx) error {
		t.Error("the change of a zombie has run")
		return nil
	})
	require.ErrorIs(t, err, core.ErrDisowned)
	var stale *fence.StaleError
	require.ErrorAs(t, err, &stale)
	assert.Equal(t, fence.StaleError{Fence: "zombie", Token: older, Highest: newer}, *stale)
	assert.EqualValues(t, 2, b.balance(t, "zombie"))
}

func (b *bench) raiseComesFirst(t *testing.T) {
	require.NoError(t, b.fences.Do(t.Context(), b.db, "raised", older, b.setBalance(t, "raised", 1)))
	require.NoError(t, b.fences.Raise(t.Context(), b.db, "raised", newer))
	require.ErrorIs(t, b.fences.Do(t.Context(), b.db, "raised", older, b.setBalance(t, "raised", 2)), core.ErrDisowned)
	require.ErrorIs(t, b.fences.Raise(t.Context(), b.db, "raised", older), core.ErrDisowned)
	assert.EqualValues(t, 1, b.balance(t, "raised"))
}

func (b *bench) oneTenureWritesOften(t *testing.T) {
	for i := range int64(3) {
		require.NoError(t, b.fences.Do(t.Context(), b.db, "often", newer, b.setBalance(t, "often", i)))
		require.EqualValues(t, i, b.balance(t, "often"))
	}
}

func (b *bench) fencesAreApart(t *testing.T) {
	require.NoError(t, b.fences.Raise(t.Context(), b.db, "one", newer))
	assert.NoError(t, b.fences.Raise(t.Context(), b.db, "other", older))
	elsewhere, err := sqlfence.New(sqlfence.Config{Dialect: b.dialect, Table: "other_fences"})
	require.NoError(t, err)
	_, err = b.db.ExecContext(t.Context(), elsewhere.Schema())
	require.NoError(t, err)
	assert.NoError(t, elsewhere.Raise(t.Context(), b.db, "one", older))
}

func (b *bench) errorsRollBack(t *testing.T) {
	want := errors.New("as told")
	err := b.fences.Do(t.Context(), b.db, "error", newer, func(tx *sql.Tx) error {
		require.NoError(t, b.setBalance(t, "error", 1)(tx))
		return want
	})
	require.Equal(t, want, err)
	assert.EqualValues(t, -1, b.balance(t, "error"))
}

func (b *bench) panicsRollBack(t *testing.T) {
	assert.PanicsWithValue(t, "as told", func() {
		_ = b.fences.Do(t.Context(), b.db, "panic", newer, func(tx *sql.Tx) error {
			require.NoError(t, b.setBalance(t, "panic", 1)(tx))
			panic("as told")
		})
	})
	assert.EqualValues(t, -1, b.balance(t, "panic"))
	assert.NoError(t, b.fences.Raise(t.Context(), b.db, "panic", older), "the transaction is over")
}

func (b *bench) tokensAreExact(t *testing.T) {
	for _, lower := range []core.Token{1, 9, 1<<53 - 1, 1 << 53, older, math.MaxInt64 - 1} {
		name := "exact-" + string(rune('a'+lower%26))
		require.NoError(t, b.fences.Raise(t.Context(), b.db, name, lower))
		require.NoError(t, b.fences.Raise(t.Context(), b.db, name, lower+1))
		assert.ErrorIs(t, b.fences.Raise(t.Context(), b.db, name, lower), core.ErrDisowned)
		assert.NoError(t, b.fences.Raise(t.Context(), b.db, name, lower+1))
		_, err := b.db.ExecContext(t.Context(), `DELETE FROM `+sqlfence.DefaultTable)
		require.NoError(t, err)
	}
}

func (b *bench) namesAreBytes(t *testing.T) {
	names := []string{
		"a", "A", "a ", " a", "ä", "a\u0308", "\x00", "\xff", "'; DROP TABLE accounts; --", "$1", "?", "%", `\`,
		strings.Repeat("n", sqlfence.MaxNameBytes), strings.Repeat("n", sqlfence.MaxNameBytes-1),
	}
	for i, name := range names {
		require.NoError(t, b.fences.Raise(t.Context(), b.db, name, newer-core.Token(i)), "%q", name)
	}
	for i, name := range names {
		var stale *fence.StaleError
		require.ErrorAs(t, b.fences.Raise(t.Context(), b.db, name, 1), &stale, "%q", name)
		assert.Equal(t, newer-core.Token(i), stale.Highest, "%q", name)
	}
}

func (b *bench) nonsenseIsRefused(t *testing.T) {
	for complaint, call := range map[string]struct {
		name  string
		token core.Token
	}{
		"has 0 bytes":           {"", newer},
		"has 513 bytes":         {strings.Repeat("n", 513), newer},
		"0 is no fencing token": {"name", 0},
	} {
		err := b.fences.Raise(t.Context(), b.db, call.name, call.token)
		assert.ErrorIs(t, err, core.ErrInvalid)
		assert.ErrorContains(t, err, complaint)
	}
}

func (b *bench) anEndedContextIsNoRefusal(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := b.fences.Raise(ctx, b.db, "ended", newer)
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, core.ErrDisowned)
}
