// Package proctest runs other processes for tests: they die with the test,
// whatever becomes of it, and can be frozen and killed like machines that fail.
//
// Start runs any command. StartMember runs the test binary itself as one of the
// Programs that its TestMain names, so that a test's members are processes of
// their own, with their own memory, clock and garbage collector, and need no
// build step:
//
//	func TestMain(m *testing.M) {
//		proctest.Dispatch(proctest.Programs{"member": member})
//		goleak.VerifyTestMain(m)
//	}
//
//	func member(parent *proctest.Parent) error {
//		parent.Send("ready")
//		...
//	}
//
//	func TestSomething(t *testing.T) {
//		member := proctest.StartMember(t, "member", "-redis", server.URL())
//		member.Expect("ready")
//		member.Kill9()
//	}
//
// Test and member talk in lines, over the member's standard input and output.
// What a member writes to standard error is shown when the test fails.
//
// Processes end when the test process ends, also by a panic, a time-out or
// kill -9: on Linux the kernel sees to it. Elsewhere only t.Cleanup does, and
// the end of standard input tells a member that its parent is gone. Windows
// has no SIGSTOP and is not supported.
package proctest
