package sim

import (
	"fmt"
	"time"
)

// SearchOptions bound a search.
type SearchOptions struct {
	// First is the first seed; the search goes through Seeds of them.
	First, Seeds uint64
	// Ablation turns safety rules off.
	Ablation Ablation
	// Stop ends the search after the run under way.
	Stop func() bool
}

// Found is what a search gave.
type Found struct {
	Counters Counters
	// Failed is the first run in which something did not hold; nil: none.
	Failed *Result
	// Hash is over the hashes of all runs.
	Hash uint64
}

// Search draws a scenario from each seed and runs it, until something does not
// hold. progress, if it is not nil, hears after each run how it went.
func Search(options SearchOptions, progress func(seed uint64, r *Result)) Found {
	var found Found
	for seed := options.First; seed < options.First+options.Seeds; seed++ {
		r := Run(Draw(seed), Options{Seed: seed, Ablation: options.Ablation})
		found.Counters.Add(r.Counters)
		found.Hash = Chain(found.Hash, r.Hash)
		if progress != nil {
			progress(seed, &r)
		}
		if !r.Held() {
			found.Failed = &r
			break
		}
		if options.Stop != nil && options.Stop() {
			break
		}
	}
	return found
}

// Years is simulated time in words.
func (t *Counters) Years() string {
	const year = 365 * 24 * time.Hour
	return fmt.Sprintf("%.2f simulated years", float64(t.Simulated)/float64(year))
}
