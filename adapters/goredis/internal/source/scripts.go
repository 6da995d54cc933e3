package source

import (
	"embed"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

//go:embed *.lua
var sources embed.FS

// What the scripts share, in the order in which one builds on another.
var (
	withGroup      = []string{"prelude", "group"}
	withRecords    = append(withGroup[:2:2], "record", "tally")
	withQuarantine = append(withRecords[:4:4], "evidence", "quarantine")
	withWalk       = append(withQuarantine[:6:6], "walk")
)

var (
	fetchScript      = script("fetch", withQuarantine)
	deliveriesScript = script("deliveries", withRecords)
	restoreScript    = script("restore", withWalk)
	malformedScript  = script("malformed", withQuarantine)
	takeScript       = script("take", withQuarantine)
	settleScript     = script("settle", withQuarantine)
	sweepScript      = script("sweep", withWalk)
	heartbeatScript  = script("heartbeat", withRecords)
)

func script(name string, fragments []string) *conn.Script {
	shared := make([]string, len(fragments))
	for i, fragment := range fragments {
		shared[i] = source(fragment)
	}
	return conn.NewScript(name+".lua", source(name), shared...)
}

func source(name string) string {
	text, err := sources.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // The file is part of this program.
	}
	return string(text)
}

// ScriptOver makes a script of a package beside this one, over what the source
// keeps. It begins like the scripts of the source, and may use all that these
// share but the walk; its keys and first arguments are those of Keys and of
// every run.
func ScriptOver(name, text string) *conn.Script {
	shared := make([]string, len(withQuarantine))
	for i, fragment := range withQuarantine {
		shared[i] = source(fragment)
	}
	return conn.NewScript(name, text, shared...)
}
