package redistest

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/internal/proctest"
)

// Server is a Redis server of a test.
type Server struct {
	t           testing.TB
	folder      string
	port        int
	clusterPort int      // 0: not of a cluster
	mode        []string // follows the configuration file on the command line
	process     *proctest.Process
}

// Start runs a server with the directives, each a line of redis.conf, and waits
// until it answers. It saves nothing before it is stopped, unless a directive
// says so.
func Start(t testing.TB, directives ...string) *Server {
	t.Helper()
	return start(t, nil, func(int) []string { return directives })
}

// start tries ports until one is free: between the look for a free port and the
// server's start somebody else may take it.
func start(t testing.TB, mode []string, directives func(port int) []string) *Server {
	t.Helper()
	server := &Server{t: t, folder: makeFolder(t), mode: mode}
	t.Cleanup(server.cleanUp)
	server.try(func() {
		server.port = freePort(t)
		server.writeConfig(directives(server.port))
	}, isReady)
	return server
}

// Addr is host:port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Port is the TCP port, on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// Socket is the path of the server's Unix socket.
func (s *Server) Socket() string { return filepath.Join(s.folder, "redis.sock") }

// URL is what redis.ParseURL reads, for database 0.
func (s *Server) URL() string { return "redis://" + s.Addr() + "/0" }

// PID is the server's process ID. A restart changes it.
func (s *Server) PID() int { return s.process.PID() }

// Client returns a client for database 0, or for what change makes of its
// options. It is closed when t ends.
func (s *Server) Client(t testing.TB, change ...func(*redis.Options)) *redis.Client {
	options := &redis.Options{Addr: s.Addr()}
	for _, apply := range change {
		apply(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
