package failures_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{memberProgram: runMember})
	goleak.VerifyTestMain(m)
}
