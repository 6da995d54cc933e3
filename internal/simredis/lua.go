package simredis

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// interpreter runs a server's scripts. What is different from Redis' Lua: the
// text that .. makes of a number over 10^14.
type interpreter struct {
	server *Server
	state  *lua.LState
	script *running
}

func newInterpreter(server *Server) *interpreter {
	state := lua.NewState(lua.Options{SkipOpenLibs: true, RegistrySize: 4 << 10, RegistryMaxSize: 1 << 20})
	i := &interpreter{server: server, state: state}
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable, lua.OpenString, lua.OpenMath} {
		state.Push(state.NewFunction(open))
		state.Call(0, 0)
	}
	for _, name := range []string{"dofile", "loadfile", "print", "module", "require"} {
		state.SetGlobal(name, lua.LNil)
	}
	state.SetGlobal("tostring", state.NewFunction(tostring))
	state.SetGlobal("redis", state.SetFuncs(state.NewTable(), map[string]lua.LGFunction{
		"call":         i.call,
		"pcall":        i.pcall,
		"sha1hex":      sha1hex,
		"error_reply":  func(l *lua.LState) int { return pushField(l, "err", l.CheckString(1)) },
		"status_reply": func(l *lua.LState) int { return pushField(l, "ok", l.CheckString(1)) },
	}))
	state.SetGlobal("cjson", state.SetFuncs(state.NewTable(), map[string]lua.LGFunction{
		"encode": encodeJSON, "decode": decodeJSON,
	}))
	return i
}

// run runs a script and makes a reply of what it returns.
func (i *interpreter) run(s *script, keys, args []string) any {
	i.script = &running{script: s, server: i.server, full: i.server.Full}
	i.state.SetGlobal("KEYS", i.list(keys))
	i.state.SetGlobal("ARGV", i.list(args))
	i.state.Push(i.state.NewFunctionFromProto(s.proto))
	if err := i.state.PCall(0, 1, nil); err != nil {
		i.state.SetTop(0)
		return i.explain(s, err)
	}
	result := i.state.Get(-1)
	i.state.SetTop(0)
	return fromLua(result)
}

func (i *interpreter) list(words []string) *lua.LTable {
	table := i.state.CreateTable(len(words), 0)
	for _, word := range words {
		table.Append(lua.LString(word))
	}
	return table
}

// explain words the error of a script as Redis does. Lines are not compared by
// anybody, so there is but one.
func (i *interpreter) explain(s *script, err error) any {
	text := err.Error()
	if failed, is := err.(*lua.ApiError); is {
		switch raised := failed.Object.(type) {
		case *lua.LTable:
			text = lua.LVAsString(raised.RawGetString("err"))
		case lua.LString:
			text = "ERR " + string(raised)
		}
	}
	return Error(fmt.Sprintf("%s script: %s, on @user_script:1.", oneLine(text), s.hash))
}

func pushField(l *lua.LState, name, text string) int {
	table := l.NewTable()
	table.RawSetString(name, lua.LString(text))
	l.Push(table)
	return 1
}

func (i *interpreter) call(l *lua.LState) int {
	reply := i.ask(l)
	if problem, failed := reply.(Error); failed {
		pushField(l, "err", string(problem))
		l.Error(l.Get(-1), 1)
	}
	l.Push(toLua(l, reply))
	return 1
}

func (i *interpreter) pcall(l *lua.LState) int {
	l.Push(toLua(l, i.ask(l)))
	return 1
}

func (i *interpreter) ask(l *lua.LState) any {
	words := make([]string, l.GetTop())
	for at := range words {
		switch value := l.Get(at + 1).(type) {
		case lua.LString:
			words[at] = string(value)
		case lua.LNumber:
			words[at] = formatArgument(float64(value))
		default:
			return Error("ERR Lua redis lib command arguments must be strings or integers")
		}
	}
	if len(words) == 0 {
		return Error("ERR Please specify at least one argument for this redis.call() call")
	}
	request := &call{server: i.server, args: words, inScript: true, script: i.script}
	return request.run()
}

// formatArgument writes a number as Redis hands it from Lua to a command.
func formatArgument(number float64) string {
	if number == math.Trunc(number) && math.Abs(number) < 1<<63 {
		return strconv.FormatInt(int64(number), 10)
	}
	return formatFloat(number)
}

// toLua is how a script sees a reply.
func toLua(l *lua.LState, reply any) lua.LValue {
	switch reply := reply.(type) {
	case nil, noArray:
		return lua.LFalse
	case int64:
		return lua.LNumber(reply)
	case string:
		return lua.LString(reply)
	case float64:
		return lua.LString(formatFloat(reply))
	case Status:
		return field(l, "ok", string(reply))
	case Error:
		return field(l, "err", string(reply))
	case Pairs:
		return toLua(l, []any(reply))
	case streamsRead:
		return toLua(l, []any(reply))
	case []any:
		table := l.CreateTable(len(reply), 0)
		for _, element := range reply {
			table.Append(toLua(l, element))
		}
		return table
	default:
		panic("simredis: a reply that scripts do not know")
	}
}

func field(l *lua.LState, name, text string) *lua.LTable {
	table := l.NewTable()
	table.RawSetString(name, lua.LString(text))
	return table
}

// fromLua is what a script answers.
func fromLua(value lua.LValue) any {
	switch value := value.(type) {
	case lua.LString:
		return string(value)
	case lua.LNumber:
		return int64(value)
	case lua.LBool:
		if value {
			return int64(1)
		}
		return nil
	case *lua.LTable:
		return fromTable(value)
	default:
		return nil
	}
}

func fromTable(table *lua.LTable) any {
	if problem, is := table.RawGetString("err").(lua.LString); is {
		return Error(oneLine(string(problem)))
	}
	if status, is := table.RawGetString("ok").(lua.LString); is {
		return Status(oneLine(string(status)))
	}
	replies := []any{}
	for at := 1; ; at++ {
		element := table.RawGetInt(at)
		if element == lua.LNil {
			return replies
		}
		replies = append(replies, fromLua(element))
	}
}

// tostring writes numbers as Lua does, which loses digits of large ones.
func tostring(l *lua.LState) int {
	value := l.CheckAny(1)
	if number, is := value.(lua.LNumber); is {
		l.Push(lua.LString(formatShort(float64(number))))
		return 1
	}
	l.Push(l.ToStringMeta(value))
	return 1
}

// formatShort is C's %.14g.
func formatShort(number float64) string {
	return strings.ToLower(strconv.FormatFloat(number, 'g', 14, 64))
}

func sha1hex(l *lua.LState) int {
	sum := sha1.Sum([]byte(l.CheckString(1)))
	l.Push(lua.LString(hex.EncodeToString(sum[:])))
	return 1
}
