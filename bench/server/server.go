// Package server runs the Redis servers of measurements, each on a free port of
// the loopback interface with a folder of its own, and reads what they count.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/internal/proctest"
)

const (
	// patience bounds the wait for a server that starts.
	patience = time.Minute
	// startTries is how many ports are tried: somebody else may take one
	// before the server does.
	startTries = 20
	lookEvery  = 5 * time.Millisecond
	// slowMicroseconds is from when on a command stands in the SLOWLOG.
	slowMicroseconds = 20_000
)

var errEnded = errors.New("the server ended")

// Server is a Redis server that saves nothing.
type Server struct {
	folder  string
	address string
	process *proctest.Process
	client  *redis.Client
}

// Binary is the server that is run: the environment's REDIS_SERVER, else
// redis-server.
func Binary() string {
	if name := os.Getenv("REDIS_SERVER"); name != "" {
		return name
	}
	return "redis-server"
}

// Start runs a server and waits until it answers. It ends with this process, or
// by Stop.
func Start(ctx context.Context) (*Server, error) {
	folder, err := os.MkdirTemp("", "streamlease-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for a Redis server: %w", err)
	}
	s := &Server{folder: folder}
	for range startTries {
		if err = s.try(ctx); !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		s.Stop()
		return nil, fmt.Errorf("start %s: %w", Binary(), err)
	}
	return s, nil
}

func (s *Server) try(ctx context.Context) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	s.address = address
	command := exec.Command(Binary(),
		"--bind", "127.0.0.1", "--port", port, "--dir", s.folder, "--unixsocket", s.socket(),
		"--save", "", "--appendonly", "no", "--maxclients", "4000",
		"--slowlog-log-slower-than", fmt.Sprint(slowMicroseconds), "--slowlog-max-len", "1000", "--enable-debug-command", "local")
	if s.process, err = proctest.Start(command); err != nil {
		return err
	}
	return s.await(ctx)
}

// socket lies in the server's own folder, so no other server can be meant by
// what answers there.
func (s *Server) socket() string { return filepath.Join(s.folder, "redis.sock") }

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.client == nil {
		s.client = redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1})
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if s.client.Ping(ctx).Err() == nil {
			return nil
		}
		select {
		case <-s.process.Exited():
			return fmt.Errorf("%w: %v", errEnded, s.process.State())
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// freeAddress finds a port on which nobody listens now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Address is host:port.
func (s *Server) Address() string { return s.address }

// Client talks to the server over its Unix socket.
func (s *Server) Client() *redis.Client { return s.client }

// Version is what the server says it is.
func (s *Server) Version(ctx context.Context) (string, error) {
	fields, err := s.info(ctx, "server")
	return strings.TrimSpace(fields["redis_version"]), err
}

// Stop ends the server at once; nothing of it stays.
func (s *Server) Stop() {
	if s.process != nil {
		s.process.Kill9()
	}
	if s.client != nil {
		_ = s.client.Close()
	}
	_ = os.RemoveAll(s.folder)
}
