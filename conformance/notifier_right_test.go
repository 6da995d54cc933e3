package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/ports"
)

func TestARightNotifierPassesInFull(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			report := ExpiryNotifier(t, toyNotifiers{shape: shape})
			assert.False(t, report.IsPartial(), "%v", report)
		})
	}
}

func TestARightNotifierInRealTimePasses(t *testing.T) {
	t.Parallel()
	report := expiryNotifierSuite(toyNotifiers{shape: ports.GrantPerMember, real: true}).run()
	assert.Empty(t, report.Violated(), "%v", report)
}
