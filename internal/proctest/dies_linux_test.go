package proctest_test

import (
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestAChildDiesWithAParentThatIsKilled(t *testing.T) {
	member := proctest.StartMember(t, "parent")
	child, err := strconv.Atoi(member.Expect("child "))
	require.NoError(t, err)
	require.True(t, alive(child))

	member.Kill9()
	if !assert.Eventually(t, func() bool { return !alive(child) }, time.Minute, time.Millisecond) {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
}

// stateInStat follows the name of the command, which stands in parentheses.
var stateInStat = regexp.MustCompile(`\) (\w) `)

// alive does not count a process that has ended and that nobody has reaped: an
// orphan's reaper is none of ours.
func alive(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	state := stateInStat.FindSubmatch(status)
	return state == nil || string(state[1]) != "Z"
}
