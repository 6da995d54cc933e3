package page

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

// reader puts together what patches say, as the page's script does.
type reader struct {
	doc  Document
	rows map[string]map[int64]string
}

func (r *reader) read(patch Document) {
	if r.rows == nil {
		r.rows = make(map[string]map[int64]string)
	}
	r.doc.Members = append(r.doc.Members, patch.Members...)
	r.doc.Names = append(r.doc.Names, patch.Names...)
	r.doc.Refs = append(r.doc.Refs, patch.Refs...)
	r.doc.Tokens = append(r.doc.Tokens, patch.Tokens...)
	r.doc.Texts = append(r.doc.Texts, patch.Texts...)
	r.doc.Groups = append(r.doc.Groups, patch.Groups...)
	for name, rows := range map[string][][]int64{"lease": patch.Leases, "tenure": patch.Tenures, "span": patch.Spans,
		"fault": patch.Faults, "event": patch.Events, "overlap": patch.Overlaps} {
		if r.rows[name] == nil {
			r.rows[name] = make(map[int64]string)
		}
		for _, row := range rows {
			r.rows[name][row[0]] = r.meaning(name, row[1:])
		}
	}
}

// meaning is a row in words, for the numbers of tables depend on the order in
// which things were told.
func (r *reader) meaning(name string, row []int64) string {
	word := func(table []string, number int64) string {
		if number < 0 {
			return "-"
		}
		return table[number]
	}
	ref := func(number int64) string {
		if number < 0 {
			return "-"
		}
		return r.doc.Names[r.doc.Refs[number].Name] + ":" + r.doc.Refs[number].ID
	}
	switch name {
	case "lease":
		return fmt.Sprint(word(r.doc.Members, row[0]), ref(row[1]), word(r.doc.Tokens, row[2]), row[3:])
	case "tenure":
		return fmt.Sprint(word(r.doc.Members, row[0]), ref(row[1]), word(r.doc.Tokens, row[2]), row[3:8], word(r.doc.Texts, row[8]), word(r.doc.Texts, row[9]))
	case "span":
		return fmt.Sprint(word(r.doc.Members, row[0]), row[1:4], word(r.doc.Texts, row[4]))
	case "fault":
		return fmt.Sprint(row[:2], word(r.doc.Texts, row[2]))
	case "event":
		members := "-"
		if row[2] >= 0 {
			members = ""
			for _, member := range r.doc.Groups[row[2]] {
				members += r.doc.Members[member] + " "
			}
		}
		return fmt.Sprint(row[:2], members, ref(row[3]), word(r.doc.Tokens, row[4]), word(r.doc.Texts, row[5]), row[6])
	default:
		return fmt.Sprint(word(r.doc.Names, row[0]), row[1:3], word(r.doc.Texts, row[3]))
	}
}

// What many patches say of a run is what one says of it.
func TestPatchesSayWhatOneSays(t *testing.T) {
	for _, scenario := range sim.Scenarios() {
		end := scenario.Setup.Filled().Faults
		options := sim.Options{Seed: 4, Trace: true, Chronicle: true}
		options.Ablation.Core.NoSelfFencing = scenario.Name == "gc-pause" // so that something is red
		run := sim.Begin(scenario, options)
		feed, many, patches := NewFeed(), &reader{}, 0
		for run.Present() < end {
			run.GoOn(run.Present() + 300*time.Millisecond)
			result := run.Result()
			many.read(feed.Patch(&result))
			patches++
		}
		result := run.Result()
		one := &reader{}
		one.read(NewFeed().Patch(&result))
		require.Equal(t, one.rows, many.rows, scenario.Name)
		require.Greater(t, patches, 10)
		again, err := json.Marshal(feed.Patch(&result))
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(`{"ended": %d}`, micros(result.Ended)), string(again), "%s: what was told is not told again", scenario.Name)
		if options.Ablation.Core.NoSelfFencing {
			require.NotEmpty(t, one.rows["overlap"], "who does not fence itself is red")
		}
	}
}
