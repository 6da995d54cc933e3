package redisfence

import (
	_ "embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed fence.lua
var fenceSource string

// Script is a Lua script of yours, to be run behind a fence. Make it once, with
// NewScript. It may be used concurrently.
type Script struct{ fenced *redis.Script }

// NewScript makes a Script of a source as EVAL takes it: it finds its own keys
// in KEYS and its own arguments in ARGV, and errors name its own lines. Names
// and values belong there, never into the source. A first line that begins
// with "#!lua" stays the first.
func NewScript(source string) *Script {
	shebang, body := "", source
	if strings.HasPrefix(source, "#!") {
		first, rest, _ := strings.Cut(source, "\n")
		shebang, body = first+"\n", rest
	}
	// On the line of the source's own first one, so that lines keep their numbers.
	return &Script{redis.NewScript(shebang + "local function guarded(KEYS, ARGV) " + body + "\nend\n" + fenceSource)}
}
