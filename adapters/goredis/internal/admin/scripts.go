package admin

import (
	_ "embed"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
)

// Each file begins with its contract. Their keys are those of the source's
// scripts, and then the prefix of the checkpoints.
var (
	//go:embed streams.lua
	streamsSource string
	//go:embed stream.lua
	streamSource string
	//go:embed members.lua
	membersSource string
	//go:embed quarantined.lua
	quarantinedSource string
	//go:embed requeue.lua
	requeueSource string
	//go:embed drop.lua
	dropSource string
	//go:embed summary.lua
	summarySource string

	streamsScript     = source.ScriptOver("streams.lua", streamsSource)
	streamScript      = source.ScriptOver("stream.lua", streamSource)
	membersScript     = source.ScriptOver("members.lua", membersSource)
	quarantinedScript = source.ScriptOver("quarantined.lua", quarantinedSource)
	requeueScript     = source.ScriptOver("requeue.lua", requeueSource)
	dropScript        = source.ScriptOver("drop.lua", dropSource)
	summaryScript     = source.ScriptOver("summary.lua", summarySource)
)
