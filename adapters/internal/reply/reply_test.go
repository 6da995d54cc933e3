package reply_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

func TestAReplyIsReadFromLeftToRight(t *testing.T) {
	r := reply.New([]any{"any text", "held", "0", "7", "orders:1", "2500"})
	assert.Equal(t, "any text", r.Text())
	assert.Equal(t, "held", r.Word("free", "held"))
	assert.Equal(t, int64(0), r.Number())
	assert.Equal(t, ports.Token(7), r.Token())
	assert.Equal(t, "orders:1", r.Name())
	require.True(t, r.More())
	require.False(t, r.Done())
	assert.Equal(t, 2500*time.Millisecond, r.Duration(time.Millisecond))
	require.False(t, r.More())
	require.True(t, r.Done())
}

func TestAfterWhatWasNotExpectedEverythingIsEmpty(t *testing.T) {
	for _, bad := range []struct {
		what  string
		value any
		read  func(r *reply.Reader) any
		empty any
	}{
		{"no text", int64(1), func(r *reply.Reader) any { return r.Text() }, ""},
		{"another word", "x", func(r *reply.Reader) any { return r.Word("free", "held") }, ""},
		{"no number", "x", func(r *reply.Reader) any { return r.Number() }, int64(0)},
		{"a negative number", "-1", func(r *reply.Reader) any { return r.Number() }, int64(0)},
		{"no token", "0", func(r *reply.Reader) any { return r.Token() }, ports.Token(0)},
		{"no name", "", func(r *reply.Reader) any { return r.Name() }, ""},
		{"a time that is too long", "9223372036854775807", func(r *reply.Reader) any { return r.Duration(time.Microsecond) }, time.Duration(0)},
	} {
		r := reply.New([]any{bad.value, "more"})
		assert.Equal(t, bad.empty, bad.read(r), bad.what)
		assert.False(t, r.OK(), bad.what)
		assert.False(t, r.More(), bad.what)
		assert.Empty(t, r.Text(), bad.what)
		assert.Zero(t, r.Number(), bad.what)
		assert.False(t, r.Done(), bad.what)
	}
}

func TestAReplyThatIsNoListOrTooShortIsBad(t *testing.T) {
	for _, answer := range []any{nil, "x", int64(7), []any{}} {
		r := reply.New(answer)
		r.Text()
		assert.False(t, r.OK(), "%v", answer)
		assert.False(t, r.Done(), "%v", answer)
	}
	assert.True(t, reply.New([]any{}).Done())
}

func TestWhatIsRequiredAndNotSoIsBad(t *testing.T) {
	r := reply.New([]any{"7"})
	r.Require(true)
	require.True(t, r.OK())
	r.Require(false)
	require.False(t, r.OK())
	r.Require(true)
	require.False(t, r.OK())
}
