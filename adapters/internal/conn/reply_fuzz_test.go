package conn

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/core"
)

var someLane = &Lane{server: &server{address: "redis:6379"}}

// FuzzServerInfo: whatever a server says of itself, Init ends with an answer.
func FuzzServerInfo(f *testing.F) {
	for _, text := range []string{
		"# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n",
		"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n",
		"redis_version:6.2.14\r\nrole:slave\r\nmaxmemory_policy:allkeys-lru\r\n",
		"redis_version:7.0.0\r\nrole:slave\r\nmaxmemory_policy:volatile-\xff\r\n",
		"redis_version:99999999999999999999.1\r\n", "redis_version:\r\n", ":", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		warnings, err := someLane.judgeServer(parseInfo(text))
		for _, warning := range warnings {
			require.Less(t, len(warning), 1<<10)
		}
		if err != nil {
			requireRefusal(t, err)
		}
	})
}

// FuzzLayout: only a layout of the same major number is spoken.
func FuzzLayout(f *testing.F) {
	for _, found := range []string{Layout, "1", "1.7", "2.0", "0.9", "", "x", "1x", "+1.0", "01.0", " 1.0", "99999999999999999999", "-1", "1.0.0", "1.\xff"} {
		f.Add(found)
	}
	f.Fuzz(func(t *testing.T, found string) {
		err := someLane.JudgeLayout(found)
		major, _, _ := strings.Cut(found, ".")
		if major == strconv.Itoa(LayoutMajor) {
			require.NoError(t, err)
			return
		}
		requireRefusal(t, err)
	})
}

// FuzzRightsReply: a reply of any shape is nothing forbidden, a refusal, or a
// reply that the contract does not know.
func FuzzRightsReply(f *testing.F) {
	for _, reply := range []any{
		[]any{}, []any{"XADD", "NOPERM this user has no permissions"}, []any{"XADD"},
		[]any{nil, []any{[]any{}}}, []any{"", ""}, nil, 7, "OK",
	} {
		f.Add(resptest.Encode(reply))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		reply := resptest.Decode(data)
		refusal, ok := readRights(reply)
		if !ok {
			require.Less(t, len(rightsScript.BadReply(reply).Error()), 1<<11)
			return
		}
		if refusal != nil {
			require.NotEmpty(t, refusal.command)
		}
	})
}

// FuzzServerError: whatever a server answers instead, the error names it, and a
// script that failed half-way is never taken for a no.
func FuzzServerError(f *testing.F) {
	for _, message := range []string{
		"NOPERM this user", "OOM command not allowed", "ERR unknown command 'x'", "MOVED 1 a:1",
		"NOPERM x script: 0123, on @user_script:3.", "", "\xff\n", "BUSY",
	} {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message string) {
		err := someLane.Explain("GET x", serverError(message))
		require.ErrorContains(t, err, "redis:6379")
		require.ErrorIs(t, err, serverError(message))
		if failedHalfway(serverError(message)) {
			require.False(t, errors.Is(err, core.ErrRefused))
		}
	})
}

// serverError is an error of go-redis, as a server's reply becomes one.
type serverError string

func (e serverError) Error() string { return string(e) }
func (serverError) RedisError()     {}

func requireRefusal(t *testing.T, err error) {
	var refused *core.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Less(t, len(err.Error()), 1<<10)
	require.NotEmpty(t, refused.Advice)
}
