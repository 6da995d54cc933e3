package simnet

import (
	"os"
	"testing"
	"testing/synctest"
)

// InBubble runs do where time is simulated and ends the program with the code
// that do returns. Tests have synctest.Test; a program comes by the *testing.T
// that it asks for only in this way.
func InBubble(do func(t *testing.T) (code int)) {
	os.Args = os.Args[:1] // they are not for package testing
	everything := func(string, string) (bool, error) { return true, nil }
	run := func(t *testing.T) {
		code := 1
		synctest.Test(t, func(t *testing.T) { code = do(t) })
		os.Exit(code)
	}
	testing.Main(everything, []testing.InternalTest{{Name: "simulation", F: run}}, nil, nil)
}
