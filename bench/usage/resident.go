package usage

import (
	"fmt"
	"os"
)

// Resident is how many bytes of the process are in memory. Only Linux says so.
func Resident() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("resident memory: %w", err)
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0, fmt.Errorf("resident memory, of %q: %w", text, err)
	}
	return resident * int64(os.Getpagesize()), nil
}
