package quorum_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/quorum"
)

const late = -1

func isGood(answer int) bool { return answer > 0 }

func TestAServerThatNeverAnswersIsLateWhenAMajorityAnswersWell(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	answers := quorum.Each(3, func(server int) int {
		if server == 1 {
			<-never
		}
		return server + 10
	}, isGood, late)
	require.Equal(t, []int{10, late, 12}, answers)
}

func TestAnswersThatAreNoGoodCutNobodyOff(t *testing.T) {
	failed := make(chan struct{}, 2)
	answers := quorum.Each(3, func(server int) int {
		if server > 0 {
			failed <- struct{}{}
			return 0
		}
		<-failed
		<-failed
		return 10
	}, isGood, late)
	require.Equal(t, []int{10, 0, 0}, answers)
}

func TestOneServerIsAskedDirectly(t *testing.T) {
	require.Equal(t, []int{7}, quorum.Each(1, func(int) int { return 7 }, isGood, late))
	require.Equal(t, []int{1, 2, 2, 3, 3}, []int{quorum.Majority(1), quorum.Majority(2), quorum.Majority(3), quorum.Majority(4), quorum.Majority(5)})
}
