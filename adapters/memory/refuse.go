package memory

import "github.com/streamlease/streamlease/ports"

// refuse is a definite no: nothing was done, and nothing ever will be with
// these arguments.
func refuse(command string, cause error) error {
	return &ports.RefusedError{
		Server:  "the memory adapter",
		Command: command,
		Advice:  "mend the caller",
		Lasting: true,
		Cause:   cause,
	}
}
