package failures_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// newClient makes a client on Redis in this process, and the log it writes. The
// config is completed.
func newClient(t *testing.T, handedIn redis.UniversalClient, config streamlease.Config) (*streamlease.Client, *log) {
	t.Helper()
	ports, err := goredis.New(handedIn, serviceName)
	require.NoError(t, err)
	written := &log{}
	config.Ports, config.ID = ports, "member"
	config.Logger = slog.New(slog.NewTextHandler(written, nil))
	client, err := streamlease.New(config)
	require.NoError(t, err)
	return client, written
}

// log is what a client logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write is for the handler.
func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all of it so far.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// isLasting reports whether the error says that waiting does not mend it.
func isLasting(err error) bool {
	var refused *streamlease.RefusedError
	return errors.As(err, &refused) && refused.Lasting
}

// bulk is a reply of Redis.
func bulk(text string) string { return "$" + strconv.Itoa(len(text)) + "\r\n" + text + "\r\n" }
