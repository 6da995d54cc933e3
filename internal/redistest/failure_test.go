package redistest_test

import (
	"fmt"
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAMissingServerFailsTheTestAndSaysHowToInstallOne(t *testing.T) {
	t.Setenv("REDIS_SERVER", "/nonexistent/redis-server")
	verdict := verdictOf(t, func(t testing.TB) { redistest.Start(t) })
	assert.Contains(t, verdict, "/nonexistent/redis-server")
	assert.Contains(t, verdict, "install redis")
}

func TestADirectiveThatTheServerRefusesFailsTheTestWithItsLog(t *testing.T) {
	verdict := verdictOf(t, func(t testing.TB) { redistest.Start(t, "no-such-directive yes") })
	assert.Contains(t, verdict, "no-such-directive")
}

func TestAPortThatSomebodyElseTookIsNotTakenForTheServer(t *testing.T) {
	verdict := verdictOf(t, func(tb testing.TB) {
		server := redistest.Start(tb)
		server.Kill9()
		listener, err := net.Listen("tcp", server.Addr())
		require.NoError(t, err)
		defer listener.Close()
		server.Launch()
	})
	assert.Contains(t, verdict, "in use")
}

// verdictOf runs the test and returns why it failed; "" when it did not.
func verdictOf(t *testing.T, test func(t testing.TB)) string {
	verdict := &recorder{TB: t}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		test(verdict)
	}()
	<-ended
	return verdict.fatal
}

// recorder keeps why the test that it stands for failed.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
