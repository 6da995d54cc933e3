package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/suite"
)

var columns = []string{member.Baseline, member.Goredis, member.Redsync, member.Redislock}

// Table is the goals, and what was measured beside them, in Markdown. A row of
// which nothing was measured is left out.
func Table(samples []suite.Sample) string {
	r := results(samples)
	var text strings.Builder
	fmt.Fprintf(&text, "| what | %s |\n| --- |%s\n", strings.Join(columns, " | "), strings.Repeat(" ---: |", len(columns)))
	for _, goal := range goals {
		if cells, known := r.row(goal); known {
			fmt.Fprintf(&text, "| %s | %s |\n", goal.what, strings.Join(cells, " | "))
		}
	}
	return text.String()
}

func (r results) row(goal goal) (cells []string, known bool) {
	for _, store := range columns {
		number, measured := r.median(goal.measurement, store, goal.figure)
		if !measured {
			cells = append(cells, "–")
			continue
		}
		known = true
		cells = append(cells, cell(number, goal.bound(store)))
	}
	return cells, known
}

// cell is a number, with what it must be.
func cell(number float64, bound bound) string {
	if bound.kind == none {
		return shown(number)
	}
	sign, verdict := "≤", "✓"
	if bound.kind == atLeast {
		sign = "≥"
	}
	if !bound.holds(number) {
		verdict = "✗"
	}
	return fmt.Sprintf("%s %s (%s %s)", shown(number), verdict, sign, shown(bound.number))
}

// shown is a number with three digits, or all before the point.
func shown(number float64) string {
	if math.Abs(number) >= 100 || number == math.Trunc(number) {
		return grouped(strconv.FormatFloat(math.Round(number), 'f', 0, 64))
	}
	return strconv.FormatFloat(number, 'g', 3, 64)
}

// grouped puts a comma before each three digits but the first.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// Growth is the fitted exponents, in Markdown; empty when nothing was measured.
func Growth(samples []suite.Sample) string {
	r := results(samples)
	var text strings.Builder
	for _, curve := range curves {
		points := curve.points(r)
		slope, known := exponent(points)
		if !known {
			continue
		}
		if text.Len() == 0 {
			text.WriteString("| cost | at " + sizes() + " streams | exponent |\n| --- | --- | ---: |\n")
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", curve.what, costs(points), cell(slope, most(curve.limit)))
	}
	return text.String()
}

func sizes() string {
	var all []string
	for _, size := range suite.GrowthSizes {
		all = append(all, shown(float64(size)))
	}
	return strings.Join(all, ", ")
}

func costs(points []point) string {
	var all []string
	for _, p := range points {
		all = append(all, shown(p.cost))
	}
	return strings.Join(all, " · ")
}
