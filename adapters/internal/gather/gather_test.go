package gather_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/internal/gather"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachStepOfAllOperationsIsOneSend(t *testing.T) {
	const operations = 500
	var sends []int
	send := func(questions []int) []int {
		sends = append(sends, len(questions))
		answers := make([]int, len(questions))
		for i, question := range questions {
			answers[i] = -question
		}
		return answers
	}
	// Every operation asks once, every second one twice, every tenth not at all.
	gather.Run(operations, 1, send, func(i int, ask func(int) int) {
		if i%10 == 5 {
			return
		}
		require.Equal(t, -i, ask(i))
		if i%2 == 0 {
			require.Equal(t, -2*i, ask(2*i))
		}
	})
	require.Equal(t, []int{operations * 9 / 10, operations / 2}, sends)
}

func TestOperationsMayAskSeveralThingsAtOnce(t *testing.T) {
	sends := 0
	send := func(questions []int) []int {
		sends++
		require.Len(t, questions, 30)
		return questions
	}
	gather.Run(10, 3, send, func(i int, ask func(int) int) {
		var asking sync.WaitGroup
		for server := range 3 {
			asking.Go(func() { require.Equal(t, 10*i+server, ask(10*i+server)) })
		}
		asking.Wait()
	})
	require.Equal(t, 1, sends)
}

func TestNoOperationIsNoSend(t *testing.T) {
	gather.Run(0, 1, func([]int) []int { panic("nothing was asked") }, func(int, func(int) int) {})
}

func TestQuestionsAreSentInTheOrderOfTheOperations(t *testing.T) {
	send := func(questions []int) []int {
		require.IsIncreasing(t, questions)
		return questions
	}
	gather.Run(200, 1, send, func(i int, ask func(int) int) { require.Equal(t, i, ask(i)) })
}
