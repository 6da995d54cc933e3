package report

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/bench/suite"
)

// Raw is every figure of every run: a table for each measurement, a row for
// each figure and store, a column for each run.
func Raw(samples []suite.Sample) string {
	var text strings.Builder
	for _, measurement := range measured(samples) {
		fmt.Fprintf(&text, "### %s\n\n| store | figure | runs |\n| --- | --- | --- |\n", measurement)
		for _, store := range columns {
			writeRuns(&text, samples, measurement, store)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// measured are the names of the measurements, in the order in which they came.
func measured(samples []suite.Sample) (names []string) {
	seen := make(map[string]bool)
	for _, sample := range samples {
		if !seen[sample.Measurement] {
			seen[sample.Measurement] = true
			names = append(names, sample.Measurement)
		}
	}
	return names
}

func writeRuns(text *strings.Builder, samples []suite.Sample, measurement, store string) {
	var figures []string
	runs := make(map[string][]string)
	for _, sample := range samples {
		if sample.Measurement != measurement || sample.Store != store {
			continue
		}
		if sample.Err != nil {
			fmt.Fprintf(text, "| %s | run %d failed | %s |\n", store, sample.Run, firstLine(sample.Err))
			continue
		}
		for _, figure := range sample.Figures {
			if runs[figure.Name] == nil {
				figures = append(figures, figure.Name)
			}
			runs[figure.Name] = append(runs[figure.Name], shown(figure.Number))
		}
	}
	for _, figure := range figures {
		fmt.Fprintf(text, "| %s | %s | %s |\n", store, figure, strings.Join(runs[figure], " · "))
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ReplaceAll(line, "|", "/")
}
