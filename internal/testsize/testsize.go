// Package testsize lets one test run small in `make test` and large in
// `make test-long`, which sets STREAMLEASE_TEST_SIZE=long.
//
//	streams := testsize.Pick(1_000, 100_000)
package testsize

import (
	"fmt"
	"os"
)

const variable = "STREAMLEASE_TEST_SIZE"

// Pick returns small, or long when STREAMLEASE_TEST_SIZE is "long". It panics
// on any other value: a misspelt size would quietly prove less than was asked.
func Pick[T any](small, long T) T {
	switch size := os.Getenv(variable); size {
	case "", "small":
		return small
	case "long":
		return long
	default:
		panic(fmt.Sprintf("%s is %q; it must be small or long", variable, size))
	}
}
