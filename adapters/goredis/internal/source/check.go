package source

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Check implements ports.Checker.
func (s *Source) Check(ctx context.Context) ([]string, error) {
	warnings, err := s.conn.CheckServer(ctx)
	if err != nil {
		return warnings, err
	}
	if err := s.conn.CheckTypes(ctx, Types(s.conn.Keys)); err != nil {
		return warnings, err
	}
	return warnings, s.conn.CheckRights(ctx, Rights)
}

// Types are those of the source's keys.
func Types(k conn.Keys) map[string]string {
	return map[string]string{
		k.Stream():          "stream",
		k.Records():         "hash",
		k.Endings():         "hash",
		k.Due():             "zset",
		k.Sweep():           "hash",
		k.Fleet():           "hash",
		k.Quarantine():      "hash",
		k.QuarantineOrder(): "zset",
		k.QuarantineState(): "hash",
	}
}

// Rights are the commands that the scripts use.
var Rights = [][]any{
	{"TIME"},
	{"TYPE", conn.ProbeKey},
	{"EXISTS", conn.ProbeKey},
	{"GET", conn.ProbeKey},
	{"HGET", conn.ProbeKey, "x"},
	{"HMGET", conn.ProbeKey, "x"},
	{"HGETALL", conn.ProbeKey},
	{"HSET", conn.ProbeKey, "x", "x"},
	{"HDEL", conn.ProbeKey, "x"},
	{"HEXISTS", conn.ProbeKey, "x"},
	{"HLEN", conn.ProbeKey},
	{"HINCRBY", conn.ProbeKey, "x", "1"},
	{"HSCAN", conn.ProbeKey, "0"},
	{"ZADD", conn.ProbeKey, "1", "x"},
	{"ZREM", conn.ProbeKey, "x"},
	{"ZPOPMIN", conn.ProbeKey},
	{"ZRANGEBYSCORE", conn.ProbeKey, "0", "1"},
	{"XADD", conn.ProbeKey, "*", "x", "x"},
	{"XLEN", conn.ProbeKey},
	{"XRANGE", conn.ProbeKey, "-", "+"},
	{"XDEL", conn.ProbeKey, "1-1"},
	{"XACK", conn.ProbeKey, "x", "1-1"},
	{"XCLAIM", conn.ProbeKey, "x", "x", "0", "1-1"},
	{"XPENDING", conn.ProbeKey, "x"},
	{"XREADGROUP", "GROUP", "x", "x", "STREAMS", conn.ProbeKey, ">"},
	{"XGROUP", "CREATE", conn.ProbeKey, "x", "0"},
	{"XGROUP", "DELCONSUMER", conn.ProbeKey, "x", "x"},
	{"XINFO", "GROUPS", conn.ProbeKey},
	{"XINFO", "CONSUMERS", conn.ProbeKey, "x"},
}
