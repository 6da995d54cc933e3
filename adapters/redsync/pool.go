package redsync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-redsync/redsync/v4/redis"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
)

// question is a command for one of the servers.
type question struct {
	server  int
	command conn.Command
}

// pools are the redis.Pools of one mutex, one for each server. What they are
// asked goes out with what the other mutexes of the batch ask.
func pools(servers int, ask func(question) conn.Answer, trouble *trouble) []redis.Pool {
	pools := make([]redis.Pool, servers)
	for server := range pools {
		pools[server] = pool{connection{server, ask, trouble}}
	}
	return pools
}

// pool is a redis.Pool of one connection, which is no more than a place to ask.
type pool struct{ connection connection }

// Get returns the connection. The batch has a ctx of its own.
func (p pool) Get(context.Context) (redis.Conn, error) { return p.connection, nil }

// connection is the redis.Conn of one mutex to one server.
type connection struct {
	server  int
	ask     func(question) conn.Answer
	trouble *trouble
}

// Close does nothing: nothing was opened.
func (c connection) Close() error { return nil }

// SetNX sets a key that is not there, for as long as expiry.
func (c connection) SetNX(name, value string, expiry time.Duration) (bool, error) {
	reply, err := c.send(conn.Command{Args: []any{"SET", name, value, "NX", "PX", expiry.Milliseconds()}})
	return reply == "OK", err
}

// Eval runs a script, by its hash if the server knows it.
func (c connection) Eval(script *redis.Script, keysAndArgs ...any) (any, error) {
	args := append([]any{"EVALSHA", script.Hash, script.KeyCount}, keysAndArgs...)
	return c.send(conn.Command{Args: args, Source: script.Src})
}

func (c connection) send(command conn.Command) (any, error) {
	answer := c.ask(question{c.server, command})
	switch {
	case answer.Err != nil:
		c.trouble.add(answer.Err)
	case answer.Reply == int64(0) || answer.Reply == int64(-1):
		c.trouble.deny()
	}
	return answer.Reply, answer.Err
}

// errNotUsed: mutexes only set keys and run scripts.
var errNotUsed = errors.New("the adapter's connection only sets keys and runs scripts")

// Get is not used by the operations of this adapter.
func (c connection) Get(string) (string, error) { return "", errNotUsed }

// Set is not used by the operations of this adapter.
func (c connection) Set(string, string) (bool, error) { return false, errNotUsed }

// ScriptLoad is not used by the operations of this adapter.
func (c connection) ScriptLoad(*redis.Script) error { return errNotUsed }

// PTTL is not used by the operations of this adapter.
func (c connection) PTTL(string) (time.Duration, error) { return 0, errNotUsed }

// trouble is what went wrong at the servers of one mutex. redsync joins it with
// its own errors; whether nothing was done can only be told from these.
type trouble struct {
	mutex sync.Mutex
	errs  []error
	// denials counts the servers whose script found no such lock.
	denials int
}

func (t *trouble) deny() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.denials++
}

// isDenied: too few servers are left for a majority to have had the lock.
func (t *trouble) isDenied(servers int) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return servers-t.denials < quorum.Majority(servers)
}

func (t *trouble) add(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.errs = append(t.errs, err)
}

func (t *trouble) isEmpty() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return len(t.errs) == 0
}

// err is a refusal if every server refused; else the outcome is unknown. Of one
// server the first error decides: what follows it is redsync taking back.
func (t *trouble) err(servers int) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if servers == 1 {
		return t.errs[0]
	}
	refused := 0
	for _, err := range t.errs {
		if isRefused(err) {
			refused++
		}
	}
	if len(t.errs) == refused && refused >= servers {
		return t.errs[0]
	}
	return fmt.Errorf("of %d servers: %v", servers, errors.Join(t.errs...))
}
