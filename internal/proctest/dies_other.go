//go:build !linux

package proctest

import "syscall"

// dieWithParent changes nothing: only Linux can tie a child's life to ours.
func dieWithParent() *syscall.SysProcAttr { return nil }
