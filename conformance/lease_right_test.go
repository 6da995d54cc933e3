package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/ports"
)

func TestARightLeaseStorePassesAndAllIsCovered(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			began := time.Now()
			report := LeaseStore(t, newPlainHarness(shape, none))
			assert.Empty(t, report.NotCovered())
			t.Logf("took %v", time.Since(began))
		})
	}
}
