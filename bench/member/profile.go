package member

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// profile writes what the process spends its time and its allocations on.
type profile struct{ cpu *os.File }

// allocationsBeside is where the profile of allocations goes.
const allocationsBeside = ".allocations"

func (p *profile) begin(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	p.cpu = file
	runtime.MemProfileRate = 4096
	return pprof.StartCPUProfile(file)
}

func (p *profile) end() error {
	pprof.StopCPUProfile()
	if err := p.cpu.Close(); err != nil {
		return err
	}
	file, err := os.Create(p.cpu.Name() + allocationsBeside)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer file.Close()
	return pprof.Lookup("allocs").WriteTo(file, 0)
}
