package measure

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/bench/member"
)

func TestMain(m *testing.M) {
	member.Dispatch()
	goleak.VerifyTestMain(m)
}
