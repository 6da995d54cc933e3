package suite

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/streamlease/streamlease/bench/measure"
)

// Measurement is one thing that is measured, for one or several stores.
type Measurement struct {
	Name   string
	Stores []string
	// Once: it is too long, or too exact, to be repeated.
	Once bool
	Run  func(ctx context.Context, store string) (measure.Figures, error)
}

// Sample is one run of a measurement for one store.
type Sample struct {
	Measurement, Store string
	Run                int // from 1
	Figures            measure.Figures
	// Err is why there are no figures; nil: there are.
	Err error
}

// Plan is what to run, and how often.
type Plan struct {
	Measurements []Measurement
	Runs         int
	Only         *regexp.Regexp // names; nil: all
	// Longest bounds one run of one measurement.
	Longest time.Duration
	// Progress is told of each run as it ends.
	Progress io.Writer
}

// Carry runs the plan. It ends early with ctx only: a measurement that fails is
// a sample too.
func (p Plan) Carry(ctx context.Context) (samples []Sample) {
	for run := 1; run <= p.Runs; run++ {
		for _, measurement := range p.Measurements {
			if p.Only != nil && !p.Only.MatchString(measurement.Name) || measurement.Once && run > 1 {
				continue
			}
			for _, store := range measurement.Stores {
				if ctx.Err() != nil {
					return samples
				}
				samples = append(samples, p.sample(ctx, measurement, store, run))
			}
		}
	}
	return samples
}

func (p Plan) sample(ctx context.Context, measurement Measurement, store string, run int) Sample {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.Longest)
	defer cancel()
	figures, err := measurement.Run(ctx, store)
	fmt.Fprintf(p.Progress, "run %d  %-9s  %-50s  %6.1f s\n", run, store, measurement.Name, time.Since(begun).Seconds())
	if err != nil {
		fmt.Fprintf(p.Progress, "  %v\n", err)
	}
	return Sample{Measurement: measurement.Name, Store: store, Run: run, Figures: figures, Err: err}
}
