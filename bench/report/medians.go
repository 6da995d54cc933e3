package report

import (
	"math"
	"slices"

	"github.com/streamlease/streamlease/bench/suite"
)

// results are the samples of all measurements.
type results []suite.Sample

// numbers are what the runs of a measurement came to, in order of size; none
// when there was none.
func (r results) numbers(measurement, store, figure string) (numbers []float64) {
	for _, sample := range r {
		if sample.Measurement != measurement || sample.Store != store || sample.Err != nil {
			continue
		}
		numbers = append(numbers, sample.Figures.Of(figure))
	}
	slices.Sort(numbers)
	return numbers
}

// median is that of the runs of a measurement.
func (r results) median(measurement, store, figure string) (number float64, known bool) {
	numbers := r.numbers(measurement, store, figure)
	if len(numbers) == 0 {
		return 0, false
	}
	middle := len(numbers) / 2
	if len(numbers)%2 == 0 {
		return (numbers[middle-1] + numbers[middle]) / 2, true
	}
	return numbers[middle], true
}

// point is a cost at a size.
type point struct{ size, cost float64 }

// exponent is the slope of the straight line through the points on logarithmic
// axes, by least squares: cost ~ size^exponent. What cost nothing that could be
// seen is left out.
func exponent(points []point) (slope float64, known bool) {
	var n, sumX, sumY, sumXX, sumXY float64
	for _, p := range points {
		if p.cost <= 0 {
			continue
		}
		x, y := math.Log(p.size), math.Log(p.cost)
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
	}
	if n < 2 {
		return 0, false
	}
	return (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX), true
}
