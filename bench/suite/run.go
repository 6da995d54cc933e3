package suite

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/streamlease/streamlease/bench/measure"
)

// Measurement is one thing that is measured, for one or several stores.
type Measurement struct {
	Name   string
	Stores []string
	// Once: it is too long, or too exact, to be repeated.
	Once bool
	// OnceFor are the stores for which it is so.
	OnceFor []string
	// Longest bounds one run; 0: three minutes.
	Longest time.Duration
	Run     func(ctx context.Context, store string) (measure.Figures, error)
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
	// Only is which of them, by their name and store: "10,000 streams held,
	// goredis". nil: all.
	Only *regexp.Regexp
	// Enough: when so much time has passed nothing is repeated any more. What has
	// not run at all still does. 0: however long it takes.
	Enough time.Duration
	// Progress is told of each run as it ends.
	Progress io.Writer
	// After, if there is one, is given all samples so far when a measurement
	// has run once more for all its stores.
	After func([]Sample) error
}

// usualLongest is many times what a run takes on a machine of its own.
const usualLongest = 3 * time.Minute

// Carry runs the plan. A measurement that fails is a sample too; only the end
// of ctx, and After, end it early.
func (p Plan) Carry(ctx context.Context) (samples []Sample, err error) {
	begun := time.Now()
	for run := 1; run <= p.Runs; run++ {
		for _, measurement := range p.Measurements {
			before := len(samples)
			for _, store := range measurement.Stores {
				if ctx.Err() != nil {
					return samples, ctx.Err()
				}
				if p.wants(measurement, store, run, time.Since(begun)) {
					samples = append(samples, p.sample(ctx, measurement, store, run))
				}
			}
			if p.After != nil && len(samples) > before {
				if err := p.After(samples); err != nil {
					return samples, err
				}
			}
		}
	}
	return samples, nil
}

// wants reports whether a run is to be made after so much time.
func (p Plan) wants(measurement Measurement, store string, run int, passed time.Duration) bool {
	if p.Only != nil && !p.Only.MatchString(measurement.Name+", "+store) {
		return false
	}
	if run == 1 {
		return true
	}
	once := measurement.Once || slices.Contains(measurement.OnceFor, store)
	return !once && (p.Enough == 0 || passed < p.Enough)
}

func (p Plan) sample(ctx context.Context, measurement Measurement, store string, run int) Sample {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(measurement.Longest, usualLongest))
	defer cancel()
	figures, err := measurement.Run(ctx, store)
	fmt.Fprintf(p.Progress, "run %d  %-9s  %-50s  %6.1f s\n", run, store, measurement.Name, time.Since(begun).Seconds())
	if err != nil {
		fmt.Fprintf(p.Progress, "  %v\n", err)
	}
	return Sample{Measurement: measurement.Name, Store: store, Run: run, Figures: figures, Err: err}
}
