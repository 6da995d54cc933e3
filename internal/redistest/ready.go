package redistest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// lookEvery is the time between two looks at a condition.
const lookEvery = 5 * time.Millisecond

// await asks the server until its answer satisfies. The error wraps errEnded
// when the process ended instead.
func (s *Server) await(satisfies func(answer string) bool) error {
	process := s.process
	return eventually(func() (bool, error) {
		if state := process.State(); state != nil {
			return false, fmt.Errorf("%w: %v", errEnded, state)
		}
		answer, err := s.ping()
		return err == nil && satisfies(answer), nil
	})
}

// ping asks over the Unix socket: it lies in the server's own folder, so no
// other server that took the port can be meant by the answer. Redis opens it
// after its ports.
func (s *Server) ping() (answer string, err error) {
	connection, err := net.DialTimeout("unix", s.Socket(), time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := connection.Write([]byte("PING\r\n")); err != nil {
		return "", err
	}
	return bufio.NewReader(connection).ReadString('\n')
}

func isAnswer(string) bool { return true }

// isReady takes every answer but LOADING: a server that wants a password is
// ready too.
func isReady(answer string) bool { return !strings.HasPrefix(answer, "-LOADING") }

// eventually looks at the condition until it holds or fails for good.
func eventually(condition func() (bool, error)) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if held, err := condition(); held || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			return fmt.Errorf("nothing after %v", patience)
		}
	}
}
