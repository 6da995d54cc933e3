package combinations_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// testsAtOnce is how many combinations run at once, unless -parallel says
// otherwise: they wait far more than they compute.
const testsAtOnce = "30"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", testsAtOnce); err != nil {
		panic(err) // the flag is the testing package's
	}
	goleak.VerifyTestMain(m)
}
