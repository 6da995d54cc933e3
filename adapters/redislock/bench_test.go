package redislock_test

import "testing"

func BenchmarkRenew(b *testing.B) { suite.BenchmarkRenew(b) }
