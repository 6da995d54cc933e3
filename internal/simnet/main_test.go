package simnet_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(bubbled) != "" {
		sleepInBubbles()
	}
	goleak.VerifyTestMain(m)
}
