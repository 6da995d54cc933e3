package examined

import (
	"context"
	"errors"
)

// Operate sends a command of the operator to every server.
func (s *Service) Operate(command ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var failed []error
	for _, operator := range s.Operators {
		failed = append(failed, operator.Do(ctx, command...).Err())
	}
	return errors.Join(failed...)
}

// Flush empties every server.
func (s *Service) Flush() error { return s.Operate("FLUSHALL") }

// Restart restarts every server.
func (s *Service) Restart() error {
	for _, server := range s.Running {
		server.Restart()
	}
	return nil
}

// Keys are those of the service; on a quorum each server has the same.
func (s *Service) Keys() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Operators[0].Keys(ctx, "{"+s.Name+"-input}:*").Result()
}

// DeleteKey removes a key on every server.
func (s *Service) DeleteKey(key string) error { return s.Operate("DEL", key) }

// Refuse takes away the right to run scripts.
func (s *Service) Refuse() error {
	return s.Operate("ACL", "SETUSER", "default", "-eval", "-evalsha")
}

// Accept gives back what Refuse took away.
func (s *Service) Accept() error { return s.Operate("ACL", "SETUSER", "default", "+@all") }

// Exhaust leaves no memory.
func (s *Service) Exhaust() error { return s.Operate("CONFIG", "SET", "maxmemory", "1") }

// Relieve gives it back.
func (s *Service) Relieve() error { return s.Operate("CONFIG", "SET", "maxmemory", "0") }
