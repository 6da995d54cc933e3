package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a redis-server of our own: on a Unix socket in a folder of its own,
// so that it meets nobody else's.
type server struct {
	url     string
	folder  string
	keeper  *exec.Cmd
	running io.Closer // hanging up ends it
}

// keeper is a shell that runs the server until its standard input ends, and so
// ends it also when this program was killed.
const keeper = `"$@" </dev/null >/dev/null 2>&1 & read -r nothing; kill -9 "$!"`

func startServer() (*server, error) {
	binary, err := exec.LookPath(cmp.Or(os.Getenv("REDIS_SERVER"), "redis-server"))
	if err != nil {
		return nil, errors.New(`no redis-server is installed. Install one ("apt-get install redis-server", "brew install redis"),
or name one that runs with -redis redis://host:6379`)
	}
	folder, err := os.MkdirTemp("", "zombie-")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder, "redis.sock")
	s := &server{url: "unix://" + socket, folder: folder}
	s.keeper = exec.Command("sh", "-c", keeper, "sh", binary,
		"--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "")
	if s.running, err = s.keeper.StdinPipe(); err == nil {
		err = s.keeper.Start()
	}
	if err == nil {
		if err = s.await(socket); err != nil {
			s.stop()
		}
	}
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	return s, nil
}

// await waits until the server answers.
func (s *server) await(socket string) error {
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer func() { _ = rdb.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := rdb.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

func (s *server) stop() {
	_ = s.running.Close()
	_ = s.keeper.Wait() // it ends by a command that cannot fail
	_ = os.RemoveAll(s.folder)
}
