package report

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// Conditions are where and how something was measured.
type Conditions struct {
	Command     string
	Date        string
	Redis       string
	LoadBefore  string
	LoadAfter   string
	RunsOfEach  int
	MinutesLong float64
}

// Load is what the kernel says of how busy the machine is.
func Load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

func (c Conditions) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "- `%s`, %s, up to %d runs of each (the raw figures show how many), %.0f minutes.\n", c.Command, c.Date, c.RunsOfEach, c.MinutesLong)
	fmt.Fprintf(&text, "- Redis %s; %s; %s.\n", c.Redis, runtime.Version(), strings.Join(libraries(), ", "))
	fmt.Fprintf(&text, "- %s, %d processors, %s; %s/%s.\n", processor(), runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&text, "- Load average of the machine, for 1, 5 and 15 minutes: before %s, after %s.\n", c.LoadBefore, c.LoadAfter)
	return text.String()
}

// libraries are the versions of what clients are made of.
func libraries() (versions []string) {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		switch dependency.Path {
		case "github.com/redis/go-redis/v9", "github.com/go-redsync/redsync/v4", "github.com/bsm/redislock":
			versions = append(versions, strings.TrimPrefix(dependency.Path, "github.com/")+" "+dependency.Version)
		}
	}
	return versions
}

func processor() string {
	return procField("/proc/cpuinfo", "model name", "a processor of unknown kind")
}

func memory() string { return "memory " + procField("/proc/meminfo", "MemTotal", "unknown") }

func procField(path, field, otherwise string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return otherwise
	}
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == field {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}
