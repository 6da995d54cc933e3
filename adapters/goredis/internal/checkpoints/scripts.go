package checkpoints

import (
	_ "embed"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Each file begins with its contract.
var (
	//go:embed checkpoint.lua
	checkpointSource string
	//go:embed load.lua
	loadSource string
	//go:embed save.lua
	saveSource string
	//go:embed finish.lua
	finishSource string

	loadScript   = conn.NewScript("load.lua", loadSource, checkpointSource)
	saveScript   = conn.NewScript("save.lua", saveSource, checkpointSource)
	finishScript = conn.NewScript("finish.lua", finishSource, checkpointSource)
)
