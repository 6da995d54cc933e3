package sim

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/streamlease/streamlease/internal/nearest"
)

//go:embed scenarios/*.scenario
var embedded embed.FS

// Scenarios lists the scenarios that are part of the program, by name.
func Scenarios() []Scenario {
	files, err := fs.Glob(embedded, "scenarios/*.scenario")
	if err != nil {
		panic(err)
	}
	list := make([]Scenario, 0, len(files))
	for _, file := range files {
		text, err := embedded.ReadFile(file)
		if err != nil {
			panic(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "scenarios/"), ".scenario")
		scenario, err := ParseScenario(name, string(text))
		if err != nil {
			panic(fmt.Sprintf("an embedded scenario: %v", err))
		}
		list = append(list, scenario)
	}
	return list
}

// FindScenario is the embedded scenario of that name. The error names the
// nearest.
func FindScenario(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("no scenario is called %q; the nearest is %q", name, nearest.Word(name, names))
}
