package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/streamlease/streamlease/internal/sim"
)

// scenarioFlags say which scenario is meant: one that is part of the program,
// or a file.
type scenarioFlags struct {
	Scenario string `arg:"" optional:"" help:"A scenario that is part of the program (sim list)."`
	File     string `placeholder:"FILE" help:"A scenario file of your own instead."`
}

// errNoScenario is answered where nothing says which scenario is meant.
var errNoScenario = errors.New("name a scenario (sim list shows them), or give --file FILE")

func (f *scenarioFlags) load() (sim.Scenario, error) {
	switch {
	case f.Scenario != "" && f.File != "":
		return sim.Scenario{}, fmt.Errorf("%s and --file %s: name one scenario, not two", f.Scenario, f.File)
	case f.File != "":
		return readScenario(f.File)
	case f.Scenario != "":
		return sim.FindScenario(f.Scenario)
	default:
		return sim.Scenario{}, errNoScenario
	}
}

// arguments are the flags as they must be given again, with a blank before.
func (f *scenarioFlags) arguments() string {
	if f.File != "" {
		return " --file " + quoted(f.File)
	}
	return " " + f.Scenario
}

// largestFile is more than anybody writes.
const largestFile = 1 << 20

func readScenario(path string) (sim.Scenario, error) {
	file, err := os.Open(path)
	if err != nil {
		return sim.Scenario{}, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, largestFile+1))
	if err != nil {
		return sim.Scenario{}, err
	}
	if len(text) > largestFile {
		return sim.Scenario{}, fmt.Errorf("%s is larger than a scenario may be, %d bytes", path, largestFile)
	}
	return sim.ParseScenario(path, string(text))
}
