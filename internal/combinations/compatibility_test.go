package combinations_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/conformance"
)

var rewrite = flag.Bool("rewrite", false, "write the rows of this run into "+compatibilityPath)

const compatibilityPath = "../../docs/compatibility.md"

// row is what was found of one kind of server.
type row struct {
	server, version string
	kind            kindOfServer
	report          conformance.Report
}

func TestEveryKindOfServer(t *testing.T) {
	rows := make([]row, len(kindsOfServers))
	var mu sync.Mutex
	t.Run("kinds", func(t *testing.T) {
		for i, kind := range kindsOfServers {
			t.Run(kind.what, func(t *testing.T) {
				t.Parallel()
				servers := kind.start(t)
				c := combination{source: "goredis", leases: "goredis", notifier: "goredis", servers: servers}
				name, version := versionOf(t, servers.operators[0])
				report := conformance.Combination(t, c)
				mu.Lock()
				defer mu.Unlock()
				rows[i] = row{name, version, kind, report}
			})
		}
	})
	if *rewrite {
		require.False(t, t.Failed(), "what failed is not written down")
		writeRows(t, rows)
	}
}

// versionOf is what the server calls itself; Valkey says redis_version too.
func versionOf(t *testing.T, client redis.UniversalClient) (name, version string) {
	info, err := client.Info(t.Context(), "server").Result()
	require.NoError(t, err)
	fields := map[string]string{}
	for line := range strings.Lines(info) {
		if field, value, is := strings.Cut(strings.TrimSpace(line), ":"); is {
			fields[field] = value
		}
	}
	if fields["valkey_version"] != "" {
		return "Valkey", fields["valkey_version"]
	}
	return "Redis", fields["redis_version"]
}

const compatibilityIntroduction = `<!-- Written by make compatibility; do not edit. -->
# Compatibility

Each row was run: whole clients with members that die, freeze, lose replies and
hints, over source, leases and notifier of goredis (conformance.Combination).
What is not in the table was not run. Another server gets rows by

    REDIS_SERVER=/path/to/the/server make compatibility

| server | how it is reached | sentences that hold | not covered | to repeat it |
| --- | --- | --- | --- | --- |
`

// writeRows keeps the rows of other servers.
func writeRows(t *testing.T, rows []row) {
	server := rows[0].server + " " + rows[0].version
	var text bytes.Buffer
	text.WriteString(compatibilityIntroduction)
	found, err := os.ReadFile(compatibilityPath)
	if err == nil {
		for line := range strings.Lines(string(found)) {
			isRow := strings.HasPrefix(line, "| Redis ") || strings.HasPrefix(line, "| Valkey ")
			if isRow && !strings.HasPrefix(line, "| "+server+" |") {
				text.WriteString(line)
			}
		}
	}
	for _, row := range rows {
		held := len(row.report.Verdicts) - len(row.report.Violated())
		fmt.Fprintf(&text, "| %s | %s | %d of %d | %s | `%s` |\n", server, row.kind.what, held, len(row.report.Verdicts),
			cmp.Or(strings.Join(row.report.NotCovered(), "; "), "nothing"), row.kind.command())
	}
	text.WriteString(combinationsText)
	if _, commands, has := strings.Cut(string(found), commandsTitle); has {
		text.WriteString(commandsTitle + commands)
	}
	require.NoError(t, os.WriteFile(compatibilityPath, text.Bytes(), 0o644))
}

// command repeats the row.
func (k kindOfServer) command() string {
	pattern := strings.ReplaceAll(k.what, " ", "_")
	return fmt.Sprintf("go test -run '^TestEveryKindOfServer$/kinds/^%s$' ./internal/combinations", pattern)
}

const combinationsText = `
Sentinel's row was run after a failover. Members that live through one, and
finish everything, are shown by

    go test -run '^TestMembersFinishEverythingAfterTheirMasterWasKilledWhileStreamsWereTaken$' ./failures

## Adapters with each other

Sources: memory, goredis. Leases: memory, goredis, redsync on one server,
redsync on a quorum of three, redislock. Notifiers: memory, goredis, those of
redsync and redislock beside their leases (with and without key events), none.
Every combination that makes sense is run in the same way, by

    go test -run '^TestEveryCombinationOfAdapters$' ./internal/combinations
`
