package leases

import (
	_ "embed"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Each file begins with its contract.
var (
	//go:embed session.lua
	sessionSource string
	//go:embed acquire.lua
	acquireSource string
	//go:embed renew.lua
	renewSource string
	//go:embed release.lua
	releaseSource string
	//go:embed leases.lua
	leasesSource string
	//go:embed inspect.lua
	inspectSource string

	acquireScript = conn.NewScript("acquire.lua", acquireSource, conn.MicrosecondsSource, sessionSource)
	renewScript   = conn.NewScript("renew.lua", renewSource, conn.MicrosecondsSource, sessionSource)
	releaseScript = conn.NewScript("release.lua", releaseSource, conn.MicrosecondsSource, sessionSource)
	leasesScript  = conn.NewScript("leases.lua", leasesSource, conn.MicrosecondsSource, sessionSource)
	inspectScript = conn.NewScript("inspect.lua", inspectSource, conn.MicrosecondsSource, sessionSource)
)
