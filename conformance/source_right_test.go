package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestARightSourcePassesInFull(t *testing.T) {
	report := StreamSource(t, toySources{})
	assert.False(t, report.IsPartial(), "%v", report)
}

func TestASlowSourceInRealTimePasses(t *testing.T) {
	t.Parallel()
	report := streamSourceSuite(toySources{real: true, delay: 3 * time.Millisecond}).run()
	assert.Empty(t, report.Violated(), "%v", report)
}
