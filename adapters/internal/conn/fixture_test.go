package conn_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what is waited for.
const patience = time.Minute

func within(t *testing.T, timeout time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

func open(t *testing.T, client redis.UniversalClient) *conn.Conn {
	t.Helper()
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// silentServer accepts connections and never answers.
type silentServer struct {
	listener net.Listener
	work     sync.WaitGroup
	mutex    sync.Mutex
	accepted []net.Conn
}

func startSilentServer(t *testing.T) *silentServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &silentServer{listener: listener}
	s.work.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.mutex.Lock()
			s.accepted = append(s.accepted, connection)
			s.mutex.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.work.Wait()
		for _, connection := range s.accepted {
			_ = connection.Close()
		}
	})
	return s
}

func (s *silentServer) address() string { return s.listener.Addr().String() }

// cutter passes everything on to a server, but loses the next reply and cuts
// the connection when it is told to.
type cutter struct {
	listener net.Listener
	server   string
	work     sync.WaitGroup
	mutex    sync.Mutex
	ends     []net.Conn
	cutNext  bool
}

func startCutter(t *testing.T, server string) *cutter {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{listener: listener, server: server}
	c.work.Go(c.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		c.mutex.Lock()
		for _, end := range c.ends {
			_ = end.Close()
		}
		c.mutex.Unlock()
		c.work.Wait()
	})
	return c
}

func (c *cutter) address() string { return c.listener.Addr().String() }

func (c *cutter) loseNextReply() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.cutNext = true
}

func (c *cutter) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		c.mutex.Lock()
		c.ends = append(c.ends, client, server)
		c.mutex.Unlock()
		c.work.Go(func() { c.carry(client, server, false) })
		c.work.Go(func() { c.carry(server, client, true) })
	}
}

func (c *cutter) carry(from, to net.Conn, replies bool) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		count, err := from.Read(buffer)
		if err != nil || (replies && c.takeCut()) {
			return
		}
		if _, err := to.Write(buffer[:count]); err != nil {
			return
		}
	}
}

func (c *cutter) takeCut() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	cut := c.cutNext
	c.cutNext = false
	return cut
}
