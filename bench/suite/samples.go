package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/streamlease/streamlease/bench/measure"
)

// stored is a sample in a file.
type stored struct {
	Measurement, Store string
	Run                int
	Figures            measure.Figures `json:",omitempty"`
	Err                string          `json:",omitempty"`
}

// Save writes the samples into a file.
func Save(path string, samples []Sample) error {
	all := make([]stored, len(samples))
	for i, s := range samples {
		all[i] = stored{Measurement: s.Measurement, Store: s.Store, Run: s.Run, Figures: s.Figures}
		if s.Err != nil {
			all[i].Err = s.Err.Error()
		}
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return fmt.Errorf("save samples: %w", err)
	}
	return os.WriteFile(path, text, 0o644)
}

// Load reads the samples of a file.
func Load(path string) ([]Sample, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load samples: %w", err)
	}
	var all []stored
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("load samples of %s: %w", path, err)
	}
	samples := make([]Sample, len(all))
	for i, s := range all {
		samples[i] = Sample{Measurement: s.Measurement, Store: s.Store, Run: s.Run, Figures: s.Figures}
		if s.Err != "" {
			samples[i].Err = errors.New(s.Err)
		}
	}
	return samples, nil
}
