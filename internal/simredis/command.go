package simredis

import (
	"fmt"
	"strings"
)

// call is one command on its way.
type call struct {
	server   *Server
	client   *Client
	args     []string
	inScript bool
	script   *running // nil: not in a script
}

// noReply says that the command has answered by itself.
type noReply struct{}

var answered any = noReply{}

// trait is what a command is.
type trait uint8

const (
	reads  trait = 0
	writes trait = 1 << (iota - 1)
	grows        // it is refused when the server is out of memory
	noScript
	whileLoading
)

type command struct {
	arity  int // words, the command's own included; negative: at least
	traits trait
	run    func(*call) any
}

var commands map[string]command

func init() {
	commands = map[string]command{
		"ping": {-1, whileLoading, ping}, "hello": {-1, noScript | whileLoading, hello},
		"client": {-2, noScript | whileLoading, client}, "select": {2, whileLoading, selectDatabase},
		"info": {-1, whileLoading, info}, "config": {-2, noScript | whileLoading, config},
		"time": {1, whileLoading, clock}, "wait": {3, noScript, wait},
		"flushall": {-1, writes, flushall}, "dbsize": {1, reads, dbsize}, "keys": {2, reads, keys},
		"publish": {3, whileLoading, publish}, "subscribe": {-2, noScript | whileLoading, subscribe},
		"unsubscribe": {-1, noScript | whileLoading, unsubscribe},

		"get": {2, reads, get}, "set": {-3, writes | grows, set}, "getrange": {4, reads, getrange},
		"pttl": {2, reads, pttl}, "pexpire": {3, writes, pexpire}, "del": {-2, writes, del},
		"exists": {-2, reads, exists}, "rename": {3, writes, rename}, "type": {2, reads, typeOf},

		"hget": {3, reads, hget}, "hmget": {-3, reads, hmget}, "hgetall": {2, reads, hgetall}, "hlen": {2, reads, hlen},
		"hexists": {3, reads, hexists}, "hset": {-4, writes | grows, hset}, "hsetnx": {4, writes | grows, hsetnx},
		"hincrby": {4, writes | grows, hincrby}, "hdel": {-3, writes, hdel}, "hscan": {-3, reads, hscan},

		"zadd": {-4, writes | grows, zadd}, "zrem": {-3, writes, zrem}, "zcard": {2, reads, zcard}, "zscore": {3, reads, zscore},
		"zrange": {-4, reads, zrange}, "zrangebyscore": {-4, reads, zrangebyscore}, "zpopmin": {-2, writes, zpopmin},

		"xadd": {-5, writes | grows, xadd}, "xlen": {2, reads, xlen}, "xrange": {-4, reads, xrange}, "xdel": {-3, writes, xdel},
		"xgroup": {-2, writes, xgroup}, "xgroup|create": {-2, writes | grows, xgroup}, "xack": {-4, writes, xack}, "xpending": {-3, reads, xpending},
		"xclaim": {-6, writes, xclaim}, "xinfo": {-2, reads, xinfo}, "xreadgroup": {-7, writes, xreadgroup},

		"eval": {-3, noScript, eval}, "evalsha": {-3, noScript, evalsha}, "eval_ro": {-3, noScript, eval}, "evalsha_ro": {-3, noScript, evalsha}, "script": {-2, noScript, scriptCommand},
	}
}

const (
	outOfMemory     = Error("OOM command not allowed when used memory > 'maxmemory'.")
	readOnlyReplica = Error("READONLY You can't write against a read only replica.")
	loading         = Error("LOADING Redis is loading the dataset in memory")
)

// run looks whether the command may run now, and runs it.
func (c *call) run() any {
	known, problem := c.known()
	if problem != nil {
		return problem
	}
	switch {
	case c.server.Loading && known.traits&whileLoading == 0:
		return loading
	case c.inScript:
		if problem := c.script.allows(known); problem != nil {
			return problem
		}
	case c.server.ReadOnly && known.traits&writes != 0:
		return readOnlyReplica
	case c.server.Full && known.traits&grows != 0:
		return outOfMemory
	}
	if known.traits&writes != 0 {
		c.server.Changes++
	}
	return known.run(c)
}

func (c *call) known() (command, any) {
	known, found := lookUp(c.args)
	fits := known.arity > 0 && len(c.args) == known.arity || known.arity < 0 && len(c.args) >= -known.arity
	switch {
	case !found && c.inScript:
		return known, Error("ERR Unknown Redis command called from script")
	case !found:
		return known, unknownCommand(c.args)
	case !fits && c.inScript:
		return known, Error("ERR Wrong number of args calling Redis command from script")
	case !fits:
		return known, wrongArity(c.args[0])
	case c.inScript && known.traits&noScript != 0:
		return known, Error("ERR This Redis command is not allowed from script")
	}
	return known, nil
}

// lookUp finds a command; a subcommand may have traits of its own.
func lookUp(words []string) (command, bool) {
	name := strings.ToLower(words[0])
	if len(words) > 1 {
		if known, found := commands[name+"|"+strings.ToLower(words[1])]; found {
			return known, true
		}
	}
	known, found := commands[name]
	return known, found
}

func unknownCommand(words []string) Error {
	var begin strings.Builder
	for _, word := range words[1:] {
		if begin.Len() >= 128 {
			break
		}
		word, _, _ = strings.Cut(word, "\x00") // it is a string of C
		fmt.Fprintf(&begin, "'%.*s' ", 128-begin.Len(), word)
	}
	return Error(fmt.Sprintf("ERR unknown command '%.128s', with args beginning with: %s", words[0], begin.String()))
}

func unknownSubcommand(words []string) Error {
	return Error(fmt.Sprintf("ERR unknown subcommand '%.128s'. Try %s HELP.", words[1], strings.ToUpper(words[0])))
}

func wrongArity(name string) Error {
	return Error("ERR wrong number of arguments for '" + strings.ToLower(name) + "' command")
}

func is(word, keyword string) bool { return strings.EqualFold(word, keyword) }
