package lockindex

import (
	_ "embed"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Each file begins with its contract.
var (
	//go:embed entry.lua
	entrySource string
	//go:embed open.lua
	openSource string
	//go:embed draw.lua
	drawSource string
	//go:embed raise.lua
	raiseSource string
	//go:embed withdraw.lua
	withdrawSource string
	//go:embed renew.lua
	renewSource string
	//go:embed match.lua
	matchSource string
	//go:embed forget.lua
	forgetSource string
	//go:embed grant.lua
	grantSource string
	//go:embed inspect.lua
	inspectSource string
	//go:embed expired.lua
	expiredSource string
	//go:embed lapsed.lua
	lapsedSource string

	openScript     = conn.NewScript("open.lua", openSource, conn.MicrosecondsSource, entrySource)
	drawScript     = conn.NewScript("draw.lua", drawSource, conn.MicrosecondsSource, entrySource)
	raiseScript    = conn.NewScript("raise.lua", raiseSource, conn.MicrosecondsSource, entrySource)
	withdrawScript = conn.NewScript("withdraw.lua", withdrawSource, conn.MicrosecondsSource, entrySource)
	renewScript    = conn.NewScript("renew.lua", renewSource, conn.MicrosecondsSource, entrySource)
	matchScript    = conn.NewScript("match.lua", matchSource, conn.MicrosecondsSource, entrySource)
	forgetScript   = conn.NewScript("forget.lua", forgetSource, conn.MicrosecondsSource, entrySource)
	grantScript    = conn.NewScript("grant.lua", grantSource, conn.MicrosecondsSource, entrySource)
	inspectScript  = conn.NewScript("inspect.lua", inspectSource, conn.MicrosecondsSource, entrySource)
	expiredScript  = conn.NewScript("expired.lua", expiredSource, conn.MicrosecondsSource, entrySource)
	lapsedScript   = conn.NewScript("lapsed.lua", lapsedSource, conn.MicrosecondsSource, entrySource)
)

// Rights are the commands inside the scripts of the store, and those that
// obtain, extend and release a lock.
var Rights = [][]any{
	{"TIME"},
	{"GET", conn.ProbeKey}, {"SET", conn.ProbeKey, "x"}, {"PTTL", conn.ProbeKey}, {"PEXPIRE", conn.ProbeKey, 60_000}, {"GETRANGE", conn.ProbeKey, 0, 0},
	{"HGET", conn.ProbeKey, "x"}, {"HSET", conn.ProbeKey, "x", "x"}, {"HSETNX", conn.ProbeKey, "x", "x"}, {"HDEL", conn.ProbeKey, "x"},
	{"ZADD", conn.ProbeKey, 1, "x"}, {"ZREM", conn.ProbeKey, "x"}, {"ZSCORE", conn.ProbeKey, "x"}, {"ZRANGE", conn.ProbeKey, 0, 0},
}
