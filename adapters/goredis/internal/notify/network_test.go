package notify_test

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// network stands between a client and a server, and can lose what its
// connections carry without a word.
type network struct {
	listener net.Listener
	server   string
	work     sync.WaitGroup

	mutex sync.Mutex
	ends  []net.Conn
	lost  []*atomic.Bool
}

func startNetwork(t *testing.T, server string) *network {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := &network{listener: listener, server: server}
	n.work.Go(n.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		n.mutex.Lock()
		for _, end := range n.ends {
			_ = end.Close()
		}
		n.mutex.Unlock()
		n.work.Wait()
	})
	return n
}

func (n *network) address() string { return n.listener.Addr().String() }

// swallow loses everything on today's connections, which stay open.
func (n *network) swallow() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, lost := range n.lost {
		lost.Store(true)
	}
}

func (n *network) accept() {
	for {
		client, err := n.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", n.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		lost := &atomic.Bool{}
		n.mutex.Lock()
		n.ends = append(n.ends, client, server)
		n.lost = append(n.lost, lost)
		n.mutex.Unlock()
		n.work.Go(func() { carry(client, server, lost) })
		n.work.Go(func() { carry(server, client, lost) })
	}
}

func carry(from, to net.Conn, lost *atomic.Bool) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		count, err := from.Read(buffer)
		if !lost.Load() {
			if _, err := to.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
