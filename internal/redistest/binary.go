package redistest

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// binary finds the server to run: REDIS_SERVER, or redis-server in the PATH.
func binary(t testing.TB) string {
	t.Helper()
	name, chosen := os.LookupEnv("REDIS_SERVER")
	if !chosen || name == "" {
		name = "redis-server"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this test needs a Redis server: %v\ninstall one:  %s\nor name one:  REDIS_SERVER=/path/to/redis-server", err, installCommand())
	}
	return path
}

func installCommand() string {
	if runtime.GOOS == "darwin" {
		return "brew install redis"
	}
	return "apt-get install redis-server"
}
