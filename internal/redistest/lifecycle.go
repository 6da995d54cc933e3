package redistest

import (
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/streamlease/streamlease/internal/proctest"
)

const (
	// patience bounds what is waited for. It is generous: no test fails
	// because a machine is slow.
	patience = time.Minute
	// startTries is how often a server is started that ends at once, as it
	// does when somebody else took its port.
	startTries = 20
)

var errEnded = errors.New("the server ended")

// Freeze stops the server where it is: connections stay open, new ones are
// accepted by the kernel, and nothing is answered.
func (s *Server) Freeze() {
	if err := s.process.Freeze(); err != nil {
		s.t.Errorf("freeze the Redis server on %s: %v", s.Addr(), err)
	}
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw() {
	if err := s.process.Thaw(); err != nil {
		s.t.Errorf("thaw the Redis server on %s: %v", s.Addr(), err)
	}
}

// Kill9 ends the server at once, frozen or not: what is not on disk is lost.
func (s *Server) Kill9() { s.process.Kill9() }

// Stop ends the server in an orderly way; its data are saved. A frozen server
// must be thawed first.
func (s *Server) Stop() {
	s.t.Helper()
	if err := s.process.Terminate(); err != nil {
		s.t.Fatalf("stop the Redis server on %s: %v", s.Addr(), err)
	}
	select {
	case <-s.process.Exited():
	case <-time.After(patience):
		s.t.Fatalf("the Redis server on %s did not stop within %v", s.Addr(), patience)
	}
}

// Launch starts a server that was stopped or killed again, on the same port,
// with what it had saved and with further directives, which stay. It waits
// until the server answers, be it with LOADING.
func (s *Server) Launch(directives ...string) {
	s.t.Helper()
	s.extendConfig(directives)
	s.try(func() {}, isAnswer)
}

// AwaitReady waits until the server has loaded its data.
func (s *Server) AwaitReady() {
	s.t.Helper()
	if err := s.await(isReady); err != nil {
		s.t.Fatalf("wait for the Redis server on %s: %v\n%s", s.Addr(), err, s.log())
	}
}

// Restart is Stop, Launch and AwaitReady: the server keeps its port and data,
// and loses what CONFIG SET had set.
func (s *Server) Restart(directives ...string) {
	s.t.Helper()
	s.Stop()
	s.Launch(directives...)
	s.AwaitReady()
}

// RestartEmpty kills the server and starts it again, on the same port, without
// its data.
func (s *Server) RestartEmpty(directives ...string) {
	s.t.Helper()
	s.Kill9()
	s.deleteData()
	s.Launch(directives...)
	s.AwaitReady()
}

// try runs the server until its answer satisfies; prepare comes before each
// try.
func (s *Server) try(prepare func(), satisfies func(answer string) bool) {
	s.t.Helper()
	var err error
	for range startTries {
		prepare()
		if err = s.run(); err == nil {
			err = s.await(satisfies)
		}
		if !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		s.t.Fatalf("start a Redis server on %s: %v\n%s", s.Addr(), err, s.log())
	}
}

func (s *Server) run() error {
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(binary(s.t), append([]string{s.configPath()}, s.mode...)...)
	command.Stdout, command.Stderr = log, log
	s.process, err = proctest.Start(command)
	return err
}

func (s *Server) cleanUp() {
	if s.process != nil {
		s.process.Kill9()
	}
	if s.t.Failed() {
		s.t.Logf("log of the Redis server on %s:\n%s", s.Addr(), s.log())
	}
	if err := os.RemoveAll(s.folder); err != nil {
		s.t.Errorf("remove the folder of the Redis server on %s: %v", s.Addr(), err)
	}
}
