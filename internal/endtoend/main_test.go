package endtoend_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{memberProgram: runMember})
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err) // the flag is the testing package's
	}
	goleak.VerifyTestMain(m)
}
