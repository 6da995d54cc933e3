package architecture_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// measuring is the API of OpenTelemetry, with what it compiles: what measures is
// the SDK that an application chooses.
var measuring = []string{
	"go.opentelemetry.io/otel/attribute",
	"go.opentelemetry.io/otel/codes",
	"go.opentelemetry.io/otel/metric",
	"go.opentelemetry.io/otel/semconv",
	"go.opentelemetry.io/otel/trace",
	"github.com/cespare/xxhash/v2",
}

func TestTheClientCompilesNoAdapterAndNoLibraryButTheAPIOfOpenTelemetry(t *testing.T) {
	for _, path := range load(t).compiled(t, module) {
		allowed := path == module || path == core || path == ports || within(path, module+"/internal") || withinAny(path, measuring)
		assert.True(t, allowed, "the root package compiles %s", path)
	}
}

func TestNobodyButTheClientMeasures(t *testing.T) {
	const telemetry = module + "/internal/telemetry"
	packages := load(t)
	for _, path := range packages.ours() {
		if path != module && path != telemetry {
			assert.NotContains(t, packages[path].Imports, telemetry, "%s imports it", path)
		}
	}
	assert.Contains(t, packages[module].Imports, telemetry, "this test looks for what is not there")
}

// The quickstart is the first thing that a newcomer runs: it starts fast
// because there is little to compile.
func TestTheQuickstartCompilesNoLibraryButTheTerminalsAndTheClients(t *testing.T) {
	allowed := append([]string{module, "golang.org/x/term", "golang.org/x/sys"}, measuring...)
	for _, path := range load(t).compiled(t, module+"/examples/quickstart") {
		assert.True(t, withinAny(path, allowed), "the quickstart compiles %s", path)
	}
}
