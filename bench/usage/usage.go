// Package usage says what the operating system has given this process.
package usage

import (
	"syscall"
	"time"
)

// CPU is the time for which the process has had a processor, in user mode and
// in the kernel, by getrusage.
func CPU() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // its arguments are right, so it cannot fail
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
