package quorum_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

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

// two of the servers disagree, and the third takes its time.
func disagree(t *testing.T, takes time.Duration) []int {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	return quorum.UntilDecided(ctx, 3, func(server int) int {
		if server == 2 {
			time.Sleep(takes)
		}
		return 1 + server%2
	}, isGood, func(answers []int) bool {
		return answers[0] == answers[1] || answers[2] != late
	}, late)
}

func TestTheLastServerDecidesWhatAMajorityLeavesOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.Equal(t, []int{1, 2, 1}, disagree(t, 900*time.Millisecond))
		require.Equal(t, 900*time.Millisecond, time.Since(began))
	})
}

func TestNobodyWaitsLongerForTheLastServerThanAQuarterOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.Equal(t, []int{1, 2, late}, disagree(t, time.Minute))
		require.Less(t, time.Since(began), 1100*time.Millisecond)
		time.Sleep(time.Minute) // for the last server, whom nobody hears
	})
}
