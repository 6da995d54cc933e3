package failures_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/proctest"
	"github.com/streamlease/streamlease/internal/testsize"
)

// testsAtOnce is how many tests run at once, unless -parallel says otherwise. At
// their small size they wait far more than they compute. At their long size the
// members of one test are all that a small machine can carry: with six at once,
// each with thousands of streams under the race detector, no lease of two
// seconds is renewed in time by anybody, and nobody comes to rest.
var testsAtOnce = testsize.Pick("6", "1")

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{memberProgram: runMember, producerProgram: runProducer})
	if err := flag.Set("test.parallel", testsAtOnce); err != nil {
		panic(err) // the flag is the testing package's
	}
	goleak.VerifyTestMain(m)
}
