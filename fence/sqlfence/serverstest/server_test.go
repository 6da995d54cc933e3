package serverstest

import (
	"bytes"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds what a test waits for.
const patience = 5 * time.Minute

// server is a database of a test, in a folder of its own.
type server struct {
	t      *testing.T
	folder string
	output bytes.Buffer
}

// newServer makes the folder. It is not t.TempDir: the path of a Unix socket
// has a limit of about a hundred bytes.
func newServer(t *testing.T) *server {
	t.Helper()
	folder, err := os.MkdirTemp("", "sql-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &server{t: t, folder: folder}
	if user := s.user(); user != nil {
		require.NoError(t, os.Chown(folder, int(user.Uid), int(user.Gid)))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the servers said:\n%s", s.output.String())
		}
	})
	return s
}

// user is somebody else when this is root: database servers refuse to be.
func (s *server) user() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// find looks for a program in the PATH and where packages put it.
func (s *server) find(program string, elsewhere ...string) string {
	s.t.Helper()
	if path, err := exec.LookPath(program); err == nil {
		path, err = filepath.EvalSymlinks(path)
		require.NoError(s.t, err)
		return path
	}
	for _, pattern := range elsewhere {
		if found, _ := filepath.Glob(filepath.Join(pattern, program)); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	s.t.Fatalf("this test needs %s; install it:  apt-get install postgresql mariadb-server", program)
	return ""
}

func (s *server) command(program string, arguments ...string) *exec.Cmd {
	command := exec.Command(program, arguments...)
	command.Dir = s.folder
	command.Stdout, command.Stderr = &s.output, &s.output
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.user()}
	return command
}

// run runs a program to its end.
func (s *server) run(program string, arguments ...string) {
	s.t.Helper()
	require.NoError(s.t, s.command(program, arguments...).Run(), "%s %v: %s", program, arguments, &s.output)
}

// serve runs a server until the test ends.
func (s *server) serve(program string, arguments ...string) {
	s.t.Helper()
	command := s.command(program, arguments...)
	require.NoError(s.t, command.Start())
	s.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGQUIT) // at once; its helpers end with it
		_ = command.Wait()
	})
}

// open waits until the database answers.
func (s *server) open(driver, source string) *sql.DB {
	s.t.Helper()
	db, err := sql.Open(driver, source)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = db.Close() })
	answers := func() bool { return db.PingContext(s.t.Context()) == nil }
	require.Eventually(s.t, answers, patience, 10*time.Millisecond)
	return db
}

func startPostgreSQL(t *testing.T) *sql.DB {
	s := newServer(t)
	const packaged = "/usr/lib/postgresql/*/bin"
	data := filepath.Join(s.folder, "data")
	s.run(s.find("initdb", packaged), "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
	s.serve(s.find("postgres", packaged), "-D", data, "-k", s.folder, "-c", "listen_addresses=", "-c", "fsync=off")
	return s.open("postgres", "host="+s.folder+" user=test dbname=postgres sslmode=disable")
}

func startMariaDB(t *testing.T) *sql.DB {
	s := newServer(t)
	server := s.find("mariadbd", "/usr/sbin")
	data, socket := filepath.Join(s.folder, "data"), filepath.Join(s.folder, "sock")
	base := filepath.Dir(filepath.Dir(server))
	install := filepath.Join(base, "bin", "mariadb-install-db")
	s.run(install, "--no-defaults", "--auth-root-authentication-method=normal", "--basedir="+base, "--datadir="+data, "--skip-test-db")
	s.serve(server, "--no-defaults", "--basedir="+base, "--datadir="+data, "--socket="+socket, "--skip-networking",
		"--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout="+strconv.Itoa(int(patience.Seconds())))
	db := s.open("mysql", "root@unix("+socket+")/")
	_, err := db.ExecContext(t.Context(), `CREATE DATABASE test`)
	require.NoError(t, err)
	return s.open("mysql", "root@unix("+socket+")/test?clientFoundRows=true")
}
