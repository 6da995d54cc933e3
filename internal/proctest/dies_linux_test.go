package proctest_test

import (
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
