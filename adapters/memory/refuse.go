package memory

import "github.com/streamlease/streamlease/ports"

// refuse is a definite no to arguments that break the rules: nothing was done.
// It is not Lasting, because other calls of the same member are welcome.
func refuse(command string, cause error) error {
	return &ports.RefusedError{
		Server:  "the memory adapter",
		Command: command,
		Advice:  "mend the caller",
		Cause:   cause,
	}
}
