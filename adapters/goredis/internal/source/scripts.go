package source

import (
	"embed"
	"strings"

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

// script puts the fragments between the first line of the file, which tells
// Redis the rules to run it by, and the rest of it.
func script(name string, fragments []string) *conn.Script {
	shebang, body, _ := strings.Cut(source(name), "\n")
	parts := []string{shebang}
	for _, fragment := range fragments {
		parts = append(parts, source(fragment))
	}
	return conn.NewScript(name+".lua", strings.Join(append(parts, body), "\n"))
}

func source(name string) string {
	text, err := sources.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // The file is part of this program.
	}
	return string(text)
}
