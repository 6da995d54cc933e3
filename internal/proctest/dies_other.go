//go:build !linux

package proctest

import "syscall"

// attributes change nothing: only Linux can tie a child's life to ours, and a
// child in a group of its own would outlive a test that is interrupted.
func attributes() *syscall.SysProcAttr { return nil }
