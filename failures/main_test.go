package failures_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/proctest"
)

// testsAtOnce is how many tests run at once, unless -parallel says otherwise. They
// wait far more than they compute.
const testsAtOnce = "6"

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{memberProgram: runMember})
	if err := flag.Set("test.parallel", testsAtOnce); err != nil {
		panic(err) // the flag is the testing package's
	}
	goleak.VerifyTestMain(m)
}
