package proctest

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Process is a running child process. Its methods may be called from any
// goroutine.
type Process struct {
	command *exec.Cmd
	exited  chan struct{}
}

// Start runs the command as a child that does not outlive this process. Whoever
// starts it must see that it ends: by Kill9, or by Terminate and Exited.
func Start(command *exec.Cmd) (*Process, error) {
	command.SysProcAttr = attributes()
	process := &Process{command: command, exited: make(chan struct{})}
	started := make(chan error)
	go process.run(started)
	if err := <-started; err != nil {
		return nil, err
	}
	return process, nil
}

func (p *Process) run(started chan<- error) {
	// Linux sends the death signal when the thread that forked ends, not the
	// process. So this thread does nothing else as long as the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.command.Start()
	started <- err
	if err != nil {
		return
	}
	// How the child ended is in ProcessState; the rest of the error would be
	// about copying its output.
	_ = p.command.Wait()
	close(p.exited)
}

// PID is the child's process ID.
func (p *Process) PID() int { return p.command.Process.Pid }

// Exited is closed when the child has ended and all its output was received.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// State says how the child ended; it is nil before Exited is closed.
func (p *Process) State() *os.ProcessState {
	select {
	case <-p.exited:
		return p.command.ProcessState
	default:
		return nil
	}
}

// Freeze stops the child where it is (SIGSTOP), as a long pause of its machine
// would. The error is os.ErrProcessDone when it has ended.
func (p *Process) Freeze() error { return p.command.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen child go on (SIGCONT).
func (p *Process) Thaw() error { return p.command.Process.Signal(syscall.SIGCONT) }

// Terminate asks the child to end (SIGTERM) and does not wait for it. A frozen
// child ends only after Thaw.
func (p *Process) Terminate() error { return p.command.Process.Signal(syscall.SIGTERM) }

// Kill9 ends the child at once (SIGKILL), frozen or not, and waits until it is
// gone. A child that has ended already is left in peace.
func (p *Process) Kill9() {
	// The only error is that there is nobody left to kill.
	_ = p.command.Process.Kill()
	<-p.exited
}
