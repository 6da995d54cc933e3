package main

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResultsAreTakenInOrderWhoeverIsDoneFirst(t *testing.T) {
	const all = 5 * furthestAhead
	firstMayEnd := make(chan struct{})
	var release sync.Once
	var taken []int
	inOrder(3, func(number int) bool { return number < all },
		func(number int) int {
			if number == 0 {
				<-firstMayEnd
			}
			if number == furthestAhead-1 { // as far ahead as anybody may be
				release.Do(func() { close(firstMayEnd) })
			}
			return number * 2
		},
		func(number, result int) bool {
			require.Equal(t, number*2, result)
			taken = append(taken, number)
			return true
		})
	require.Len(t, taken, all)
	for i, number := range taken {
		require.Equal(t, i, number)
	}
}

func TestNothingIsTakenAfterEnough(t *testing.T) {
	manyWait := make(chan struct{})
	var taken []int
	inOrder(2, func(int) bool { return true },
		func(number int) int {
			switch number {
			case 0:
				<-manyWait
			case 20:
				close(manyWait)
			}
			return number
		},
		func(number, _ int) bool {
			taken = append(taken, number)
			return number < 7
		})
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, taken)
}

func TestWhatHasBegunIsTakenWhenNothingMoreBegins(t *testing.T) {
	last := 0
	inOrder(4, func(number int) bool { return number < 100 }, func(number int) int { return number },
		func(number, _ int) bool { last = number; return true })
	require.Equal(t, 99, last)
}
