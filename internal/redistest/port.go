package redistest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports are drawn from below the range from which the kernel takes the ports of
// outgoing connections: one of those must not sit on a server's port while the
// server is down, and a client that dials such a port may even connect to
// itself. The range also lies below 55536, where Redis Cluster stops.
const (
	lowestPort  = 15000
	highestPort = 31999
	portDraws   = 1000
)

// freePort finds a port on which nobody listens now.
func freePort(t testing.TB) int {
	t.Helper()
	for range portDraws {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatalf("find a free port: %v", err)
		}
		return port
	}
	t.Fatalf("find a free port: %d draws between %d and %d, none free", portDraws, lowestPort, highestPort)
	return 0
}
