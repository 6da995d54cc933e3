package redistest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// makeFolder is not t.TempDir: the path of a Unix socket has a limit of about
// a hundred bytes, and test names are long.
func makeFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		t.Fatalf("make a folder for a Redis server: %v", err)
	}
	return folder
}

func (s *Server) configPath() string { return filepath.Join(s.folder, "redis.conf") }

func (s *Server) logPath() string { return filepath.Join(s.folder, "redis.log") }

// log is what the server logged, for messages.
func (s *Server) log() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	const most = 16 << 10
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return string(text)
}

// writeConfig puts the directives after our own, so they win.
func (s *Server) writeConfig(directives []string) {
	s.t.Helper()
	own := []string{
		"bind 127.0.0.1",
		"port " + strconv.Itoa(s.port),
		`dir "` + s.folder + `"`,
		`unixsocket "` + s.Socket() + `"`,
		`save ""`,
		"shutdown-on-sigterm save",
		"repl-diskless-sync-delay 0",
	}
	text := strings.Join(append(own, directives...), "\n") + "\n"
	if err := os.WriteFile(s.configPath(), []byte(text), 0o600); err != nil {
		s.t.Fatalf("configure a Redis server: %v", err)
	}
}

// extendConfig appends to the file as it is: the server may have rewritten it.
func (s *Server) extendConfig(directives []string) {
	s.t.Helper()
	text, err := os.ReadFile(s.configPath())
	if err == nil {
		text = append(text, strings.Join(append(directives, ""), "\n")...)
		err = os.WriteFile(s.configPath(), text, 0o600)
	}
	if err != nil {
		s.t.Fatalf("configure the Redis server on %s: %v", s.Addr(), err)
	}
}

// deleteData leaves only what we wrote ourselves: a stopped server's memory of
// everything else is gone, its cluster's included.
func (s *Server) deleteData() {
	s.t.Helper()
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		s.t.Fatalf("delete the data of the Redis server on %s: %v", s.Addr(), err)
	}
	for _, entry := range entries {
		path := filepath.Join(s.folder, entry.Name())
		if path == s.configPath() || path == s.logPath() {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			s.t.Fatalf("delete the data of the Redis server on %s: %v", s.Addr(), err)
		}
	}
}
