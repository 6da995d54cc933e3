package conn

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Lane is one of the clients of a Conn: what goes over one lane never waits
// for a connection of another. Its methods may be called concurrently.
type Lane struct {
	client redis.UniversalClient
	// home is the key whose node is the service's.
	home string
	// nodeOf is the client of the server that has the key now.
	nodeOf func(ctx context.Context, key string) (*redis.Client, error)
	// moved asks for a new map of the cluster; nil where there is none.
	moved  func(context.Context)
	server *server
	// replicas is that of Acknowledged; 0: the server's own word is enough.
	replicas int
	// readOnly is that of ReadOnly.
	readOnly bool
}

// Node is the client of the server that has the service's keys now: the server
// itself, the master of the keys' slot, or the shard. Ask again for each call,
// since keys move. It repeats nothing, and each call ends by its ctx's deadline
// (not at once when the ctx is cancelled). Do not close it.
func (l *Lane) Node(ctx context.Context) (*redis.Client, error) { return l.nodeOf(ctx, l.home) }

// NodeOf is Node for a key of anybody's.
func (l *Lane) NodeOf(ctx context.Context, key string) (*redis.Client, error) {
	return l.nodeOf(ctx, key)
}

// Moved reports whether an error says that another node has the key, and asks
// for a new map of the cluster then.
func (l *Lane) Moved(ctx context.Context, err error) bool {
	if !keysMoved(err) {
		return false
	}
	if l.moved != nil {
		l.moved(ctx)
	}
	return true
}

// Server is the address of the server, for messages.
func (l *Lane) Server() string { return l.server.String() }

// Do runs call with the lane's node. An error of call is explained by Explain,
// command being what the reader of the message should hear of. When the answer
// was that the keys have moved to another node, which means that nothing was
// done, call runs once more on that node; so call should send one command, or
// only read.
func (l *Lane) Do(ctx context.Context, command string, call func(node *redis.Client) error) error {
	node, err := l.Node(ctx)
	if err != nil {
		return l.Explain(command, err)
	}
	err = call(node)
	if l.moved != nil && keysMoved(err) {
		if next := l.nodeAfterMove(ctx, node); next != nil {
			err = call(next)
		}
	}
	return l.Explain(command, err)
}

// nodeAfterMove waits for the cluster's new map and returns the node that
// replaces moved, or nil when none does soon.
func (l *Lane) nodeAfterMove(ctx context.Context, moved *redis.Client) *redis.Client {
	const (
		pause = 10 * time.Millisecond
		tries = 50
	)
	l.moved(ctx)
	for range tries {
		if node, err := l.Node(ctx); err == nil && node != moved {
			return node
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	return nil
}

// Close closes the lane's connections. A lane of a Conn is closed by that.
func (l *Lane) Close() error {
	if err := l.client.Close(); err != nil {
		return fmt.Errorf("close a client of %s: %w", l.Server(), err)
	}
	return nil
}

// failoverAddress stands for the address in the options of a failover client.
const failoverAddress = "FailoverClient"

// server remembers which server a lane talks to: the one dialed last, or the
// configured one before the first dial.
type server struct {
	mutex   sync.Mutex
	address string
}

// saw notes what was dialed. A failover client dials by the name of its
// master, and only the connection knows where that is.
func (s *server) saw(connection net.Conn, dialed string) {
	address := dialed
	if dialed == failoverAddress {
		address = connection.RemoteAddr().String()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.address = address
}

// String returns host:port, or the path of a socket.
func (s *server) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.address
}
