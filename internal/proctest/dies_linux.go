package proctest

import "syscall"

// attributes make the kernel kill the child when this process ends, however it
// ends.
//
// The child gets a process group of its own: when the shell that started the
// tests goes away, the kernel wakes whoever is frozen in the group of the tests
// (SIGHUP and SIGCONT to an orphaned group with stopped members).
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
