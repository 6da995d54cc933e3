package simredis

import (
	"fmt"
	"slices"
	"strings"

	luajson "github.com/alicebob/miniredis/v2/gopher-json"
	lua "github.com/yuin/gopher-lua"
)

func decodeJSON(l *lua.LState) int {
	value, err := luajson.Decode(l, []byte(l.CheckString(1)))
	if err != nil {
		l.RaiseError("%s", err)
	}
	l.Push(value)
	return 1
}

func encodeJSON(l *lua.LState) int {
	var text strings.Builder
	if err := writeJSON(&text, l.CheckAny(1)); err != nil {
		l.RaiseError("%s", err)
	}
	l.Push(lua.LString(text.String()))
	return 1
}

// writeJSON writes JSON as cjson does: other bytes than ASCII as they are, and a
// table without elements as an object. The members of an object come in order,
// where cjson has none.
func writeJSON(to *strings.Builder, value lua.LValue) error {
	switch value := value.(type) {
	case lua.LString:
		writeJSONText(to, string(value))
	case lua.LNumber:
		to.WriteString(formatShort(float64(value)))
	case lua.LBool:
		to.WriteString(value.String())
	case *lua.LNilType:
		to.WriteString("null")
	case *lua.LTable:
		if value.Len() > 0 {
			return writeJSONArray(to, value)
		}
		return writeJSONObject(to, value)
	default:
		return fmt.Errorf("cannot serialise %s", value.Type())
	}
	return nil
}

func writeJSONArray(to *strings.Builder, table *lua.LTable) error {
	for at := 1; at <= table.Len(); at++ {
		to.WriteByte("[,"[min(at-1, 1)])
		if err := writeJSON(to, table.RawGetInt(at)); err != nil {
			return err
		}
	}
	to.WriteByte(']')
	return nil
}

func writeJSONObject(to *strings.Builder, table *lua.LTable) error {
	var names []string
	table.ForEach(func(name, _ lua.LValue) { names = append(names, lua.LVAsString(name)) })
	slices.Sort(names)
	to.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			to.WriteByte(',')
		}
		writeJSONText(to, name)
		to.WriteByte(':')
		if err := writeJSON(to, table.RawGetString(name)); err != nil {
			return err
		}
	}
	to.WriteByte('}')
	return nil
}

var jsonEscapes = map[byte]string{
	'"': `\"`, '\\': `\\`, '/': `\/`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`, 0x7f: `\u007f`,
}

func writeJSONText(to *strings.Builder, text string) {
	to.WriteByte('"')
	for i := range len(text) {
		switch escape, escaped := jsonEscapes[text[i]]; {
		case escaped:
			to.WriteString(escape)
		case text[i] < ' ':
			fmt.Fprintf(to, `\u%04x`, text[i])
		default:
			to.WriteByte(text[i])
		}
	}
	to.WriteByte('"')
}
