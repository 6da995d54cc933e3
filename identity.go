package streamlease

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"os"
	"runtime/debug"

	"github.com/streamlease/streamlease/core"
)

// memberID is what people call this process: what the platform calls it, if it
// says so.
func memberID(configured string) string {
	for _, id := range []string{configured, os.Getenv("POD_NAME"), os.Getenv("POD_IP")} {
		if id != "" {
			return id
		}
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "member"
	}
	return host + "-" + randomHex(4)
}

// newMember draws an incarnation. Two processes with one ID, and two lives of
// one process, are two members.
func newMember(id string) core.Member {
	// As short as 128 bits can be written: the source keeps it for each stream.
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails: it ends the process instead
	return core.Member{ID: id, Incarnation: base64.RawURLEncoding.EncodeToString(random)}
}

func newSeed() (seed [32]byte) {
	_, _ = rand.Read(seed[:])
	return seed
}

func randomHex(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// buildVersion is the version of the main module, or empty.
func buildVersion() string {
	build, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	return build.Main.Version
}
