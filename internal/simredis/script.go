package simredis

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// script is a Lua script that a server knows.
type script struct {
	hash  string
	proto *lua.FunctionProto
	// plain has no line "#!lua": its commands are judged one by one.
	plain, allowOOM, noWrites bool
}

// compiled are the scripts that any server has been given; a prototype may be
// shared.
var compiled sync.Map

func compile(source string) (*script, any) {
	sum := sha1.Sum([]byte(source))
	hash := hex.EncodeToString(sum[:])
	if known, found := compiled.Load(hash); found {
		return known.(*script), nil
	}
	made := &script{hash: hash}
	body, problem := made.readShebang(source)
	if problem != nil {
		return nil, problem
	}
	chunk, err := parse.Parse(strings.NewReader(body), "user_script")
	if err != nil {
		return nil, Error(fmt.Sprintf("ERR Error compiling script (new function): %s", oneLine(err.Error())))
	}
	if made.proto, err = lua.Compile(chunk, "user_script"); err != nil {
		return nil, Error(fmt.Sprintf("ERR Error compiling script (new function): %s", oneLine(err.Error())))
	}
	compiled.Store(hash, made)
	return made, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// readShebang takes the first line off a script, if it begins with "#!".
func (s *script) readShebang(source string) (body string, problem any) {
	line, body, found := strings.Cut(source, "\n")
	if !strings.HasPrefix(line, "#!") {
		s.plain = true
		return source, nil
	}
	words := strings.Fields(line)
	if !found || words[0] != "#!lua" {
		return "", Error("ERR Could not find scripting engine '" + strings.TrimPrefix(words[0], "#!") + "'")
	}
	for _, word := range words[1:] {
		flags, isFlags := strings.CutPrefix(word, "flags=")
		if !isFlags {
			return "", Error("ERR Unknown lua shebang option: " + word)
		}
		for flag := range strings.SplitSeq(flags, ",") {
			switch flag {
			case "allow-oom":
				s.allowOOM = true
			case "no-writes":
				s.noWrites = true
			default:
				return "", Error("ERR Unexpected flag in script shebang: " + flag)
			}
		}
	}
	return "\n" + body, nil // so that lines keep their numbers
}

// refuse says why the server does not begin the script now, nor keep it.
func (s *script) refuse(server *Server) any {
	switch {
	case s.plain:
		return nil
	case server.ReadOnly && !s.noWrites:
		return readOnlyReplica
	case server.Full && !s.allowOOM && !s.noWrites:
		return outOfMemory
	}
	return nil
}

// running is a script under way.
type running struct {
	script *script
	server *Server
	full   bool // when it began
	wrote  bool
}

// allows says why a command may not run in the script.
func (r *running) allows(known command) any {
	isWrite := known.traits&writes != 0
	switch {
	case isWrite && r.script.noWrites:
		return Error("ERR Write commands are not allowed from read-only scripts.")
	case isWrite && r.server.ReadOnly:
		return readOnlyReplica
	case known.traits&grows != 0 && r.full && !r.script.allowOOM && !r.wrote:
		return outOfMemory
	}
	r.wrote = r.wrote || isWrite
	return nil
}

func eval(c *call) any {
	found, problem := compile(c.args[1])
	if problem != nil {
		return problem
	}
	if problem := found.refuse(c.server); problem != nil {
		return problem
	}
	c.server.scripts[found.hash] = found
	return c.runScript(found)
}

func evalsha(c *call) any {
	found := c.server.scripts[strings.ToLower(c.args[1])]
	if found == nil {
		return Error("NOSCRIPT No matching script. Please use EVAL.")
	}
	if problem := found.refuse(c.server); problem != nil {
		return problem
	}
	return c.runScript(found)
}

func (c *call) runScript(s *script) any {
	count, err := strconv.Atoi(c.args[2])
	switch {
	case err != nil:
		return notInteger
	case count > len(c.args)-3:
		return Error("ERR Number of keys can't be greater than number of args")
	case count < 0:
		return Error("ERR Number of keys can't be negative")
	}
	c.server.scriptTime = c.server.now().UnixMicro()
	defer func() { c.server.scriptTime = 0 }()
	if c.server.lua == nil {
		c.server.lua = newInterpreter(c.server)
	}
	return c.server.lua.run(s, c.args[3:3+count], c.args[3+count:])
}

func scriptCommand(c *call) any {
	switch what := strings.ToUpper(c.args[1]); {
	case what == "FLUSH":
		c.server.scripts = make(map[string]*script)
		return ok
	case what == "LOAD" && len(c.args) == 3:
		found, problem := compile(c.args[2])
		if problem != nil {
			return problem
		}
		c.server.scripts[found.hash] = found
		return found.hash
	case what == "EXISTS":
		var replies []any
		for _, hash := range c.args[2:] {
			replies = append(replies, boolean(c.server.scripts[hash] != nil))
		}
		return replies
	default:
		return unknownSubcommand(c.args)
	}
}
