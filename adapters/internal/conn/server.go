package conn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/streamlease/streamlease/core"
)

// serverInfo is what INFO says of a server, as far as it matters.
type serverInfo struct {
	product  string // Redis or Valkey
	version  string
	role     string
	eviction string
}

// infoFields reads the reply of INFO: name → value.
func infoFields(text string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); found {
			fields[name] = value
		}
	}
	return fields
}

// parseInfo reads the reply of INFO; what is missing stays empty.
func parseInfo(text string) serverInfo {
	fields := infoFields(text)
	info := serverInfo{
		product: "Redis", version: fields["redis_version"],
		role: fields["role"], eviction: fields["maxmemory_policy"],
	}
	// Valkey says that it is Redis 7.2.4, for old clients, and its own version
	// since 7.2.5 in a field of its own.
	if fields["server_name"] == "valkey" || fields["valkey_version"] != "" {
		info.product, info.version = "Valkey", fields["valkey_version"]
		if info.version == "" {
			info.version = fields["redis_version"]
		}
	}
	return info
}

// judgeServer says what is not guaranteed on a server, and refuses one that is
// too old or a replica.
func (l *Lane) judgeServer(info serverInfo) (warnings []string, err error) {
	if info.version == "" {
		warnings = append(warnings, "The server does not say its version; Redis 7.0 or Valkey 7.2 or newer is needed.")
	} else if !newEnough(info) {
		return nil, &core.RefusedError{
			Server: l.Server(), Command: "INFO", Lasting: true,
			Advice: "use Redis 7.0 or newer, or Valkey 7.2 or newer",
			Cause:  fmt.Errorf("the server is %s %.20s, which is too old", info.product, info.version),
		}
	}
	if info.role == "slave" {
		return warnings, &core.RefusedError{
			Server: l.Server(), Command: "INFO", Advice: advice("READONLY"),
			Cause: fmt.Errorf("the server is a replica"),
		}
	}
	switch {
	case info.eviction == "" || info.eviction == "noeviction":
	case strings.HasPrefix(info.eviction, "volatile-"):
		warnings = append(warnings, fmt.Sprintf("The server's maxmemory-policy is %.40s: under memory pressure it evicts keys that expire. Leases, records and assignments of this adapter do not expire, but locks of other adapters do; set maxmemory-policy noeviction.", info.eviction))
	default:
		warnings = append(warnings, fmt.Sprintf("The server's maxmemory-policy is %.40s: under memory pressure it evicts leases, records and even the assignments; set maxmemory-policy noeviction.", info.eviction))
	}
	return warnings, nil
}

// newEnough reports whether the server knows script flags and the rest of what
// the scripts use. A version that cannot be read is given the benefit of the
// doubt: the scripts will tell.
func newEnough(info serverInfo) bool {
	major, rest, _ := strings.Cut(info.version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	majorNumber, err := strconv.Atoi(major)
	if err != nil {
		return true
	}
	minorNumber, _ := strconv.Atoi(minor)
	if info.product == "Valkey" {
		return majorNumber > 7 || majorNumber == 7 && minorNumber >= 2
	}
	return majorNumber >= 7
}

// Info is what a server says of itself.
type Info struct {
	// Product is Redis or Valkey, Version that of the product.
	Product, Version string
	// IsNewEnough: the version is one that the adapters work with.
	IsNewEnough bool
	// Fields is all of the command INFO.
	Fields map[string]string
}

// ReadInfo reads the reply of INFO.
func ReadInfo(text string) Info {
	info := parseInfo(text)
	return Info{
		Product: info.product, Version: info.version, IsNewEnough: info.version != "" && newEnough(info),
		Fields: infoFields(text),
	}
}
