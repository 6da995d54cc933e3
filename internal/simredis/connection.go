package simredis

import (
	"strconv"
	"strings"
)

// version is that of the server which is simulated.
const version = "7.0.15"

func ping(c *call) any {
	switch {
	case c.client != nil && len(c.client.channels) > 0 && c.client.version != newest:
		return []any{"pong", strings.Join(c.args[1:], " ")}
	case len(c.args) > 1:
		return c.args[1]
	}
	return Status("PONG")
}

func hello(c *call) any {
	if len(c.args) > 1 {
		wanted, err := strconv.Atoi(c.args[1])
		if err != nil || wanted != 2 && wanted != newest {
			return Error("NOPROTO unsupported protocol version")
		}
		c.client.version = wanted
	}
	return Pairs{"server", "redis", "version", version, "proto", int64(c.client.version), "id", c.client.id,
		"mode", "standalone", "role", c.server.role(), "modules", []any{}}
}

func (s *Server) role() string {
	if s.ReadOnly {
		return "slave"
	}
	return "master"
}

func client(c *call) any {
	switch what := strings.ToUpper(c.args[1]); {
	case what == "ID" && len(c.args) == 2:
		return c.client.id
	case what == "SETINFO" && len(c.args) == 4, what == "SETNAME" && len(c.args) == 3:
		c.client.name = c.args[len(c.args)-1]
		return ok
	case what == "UNBLOCK" && len(c.args) == 3:
		id, err := strconv.ParseInt(c.args[2], 10, 64)
		if err != nil {
			return notInteger
		}
		waiting := c.server.clients[id]
		if waiting == nil || waiting.waiting == nil {
			return int64(0)
		}
		waiting.unblock(noArray{})
		return int64(1)
	default:
		return unknownSubcommand(c.args)
	}
}

func selectDatabase(c *call) any {
	if c.args[1] != "0" {
		return Error("ERR DB index is out of range")
	}
	return ok
}

func info(c *call) any {
	return "# Server\r\nredis_version:" + version + "\r\nredis_mode:standalone\r\n" +
		"# Memory\r\nmaxmemory_policy:" + c.server.settings["maxmemory-policy"] + "\r\n" +
		"# Replication\r\nrole:" + c.server.role() + "\r\n"
}

func config(c *call) any {
	switch what := strings.ToUpper(c.args[1]); {
	case what == "GET" && len(c.args) == 3:
		pairs := Pairs{}
		if value, known := c.server.settings[strings.ToLower(c.args[2])]; known {
			pairs = append(pairs, strings.ToLower(c.args[2]), value)
		}
		return pairs
	case what == "SET" && len(c.args) == 4:
		name := strings.ToLower(c.args[2])
		if _, known := c.server.settings[name]; !known {
			return Error("ERR Unknown option or number of arguments for CONFIG SET - '" + c.args[2] + "'")
		}
		c.server.settings[name] = c.args[3]
		return ok
	default:
		return unknownSubcommand(c.args)
	}
}

func clock(c *call) any {
	now := c.server.now().UnixMicro()
	if c.server.scriptTime != 0 {
		now = c.server.scriptTime
	}
	return []any{strconv.FormatInt(now/1_000_000, 10), strconv.FormatInt(now%1_000_000, 10)}
}

// wait does not wait: what was written is at the replicas, or will never be.
func wait(c *call) any { return int64(c.server.Replicas) }

func flushall(c *call) any {
	for _, key := range c.server.Keys() {
		c.server.delete(key)
	}
	return ok
}

func dbsize(c *call) any { return int64(len(c.server.Keys())) }

func keys(c *call) any {
	if c.args[1] != "*" {
		return Error("ERR the simulated server lists all keys only")
	}
	return texts(c.server.Keys())
}
