package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Use is what a server has done and holds.
type Use struct {
	// CPU is the server's processor time, by its getrusage.
	CPU time.Duration
	// Calls are the commands that were executed, those inside scripts
	// included, by their names; those with which the use itself is read are
	// left out.
	Calls map[string]int64
	// Memory is what the server's data take, in bytes.
	Memory int64
}

// Executed is how many commands there were, those inside scripts included.
func (u Use) Executed() (total int64) {
	for _, calls := range u.Calls {
		total += calls
	}
	return total
}

// Since is what was done since earlier; Memory is the growth.
func (u Use) Since(earlier Use) Use {
	calls := make(map[string]int64)
	for name, count := range u.Calls {
		if more := count - earlier.Calls[name]; more > 0 {
			calls[name] = more
		}
	}
	return Use{CPU: u.CPU - earlier.CPU, Calls: calls, Memory: u.Memory - earlier.Memory}
}

// Use reads what the server has done.
func (s *Server) Use(ctx context.Context) (Use, error) {
	fields, err := s.info(ctx, "cpu", "commandstats", "memory")
	if err != nil {
		return Use{}, err
	}
	use := Use{Calls: make(map[string]int64)}
	var mistakes []error
	for name, value := range fields {
		switch command, isCommand := strings.CutPrefix(name, "cmdstat_"); {
		case isCommand && command != "info":
			use.Calls[command] = count(value, &mistakes)
		case name == "used_cpu_sys" || name == "used_cpu_user":
			seconds, err := strconv.ParseFloat(value, 64)
			mistakes = append(mistakes, err)
			use.CPU += time.Duration(seconds * float64(time.Second))
		case name == "used_memory":
			use.Memory, err = strconv.ParseInt(value, 10, 64)
			mistakes = append(mistakes, err)
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return Use{}, fmt.Errorf("read INFO: %w", err)
	}
	return use, nil
}

// count reads "calls=12,usec=…".
func count(value string, mistakes *[]error) int64 {
	calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
	number, err := strconv.ParseInt(calls, 10, 64)
	*mistakes = append(*mistakes, err)
	return number
}

// info reads sections of INFO, as name → value.
func (s *Server) info(ctx context.Context, sections ...string) (map[string]string, error) {
	text, err := s.client.Info(ctx, sections...).Result()
	if err != nil {
		return nil, fmt.Errorf("INFO: %w", err)
	}
	fields := make(map[string]string)
	for line := range strings.SplitSeq(text, "\r\n") {
		if name, value, isField := strings.Cut(line, ":"); isField {
			fields[name] = value
		}
	}
	return fields, nil
}

// Slowest is the longest time for which one command held the server since
// ForgetSlow, and the command; 0: none took 20 ms.
func (s *Server) Slowest(ctx context.Context) (time.Duration, string, error) {
	entries, err := s.client.SlowLogGet(ctx, -1).Result()
	if err != nil {
		return 0, "", fmt.Errorf("SLOWLOG: %w", err)
	}
	var longest time.Duration
	var command string
	for _, entry := range entries {
		if entry.Duration > longest {
			longest, command = entry.Duration, fmt.Sprintf("%.200s", strings.Join(entry.Args, " "))
		}
	}
	return longest, command, nil
}

// ForgetSlow empties the SLOWLOG.
func (s *Server) ForgetSlow(ctx context.Context) error {
	return s.client.SlowLogReset(ctx).Err()
}
