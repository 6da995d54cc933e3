package redsync_test

import "testing"

func BenchmarkRenewOnOneServer(b *testing.B) { suiteOn(1).BenchmarkRenew(b) }

func BenchmarkRenewOnAQuorum(b *testing.B) { suiteOn(3).BenchmarkRenew(b) }
