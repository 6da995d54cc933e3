package page

import (
	"slices"
	"time"
)

// Document is what the picture's script reads: rows of numbers that refer to
// tables, so that a run of many thousand events stays small. Instants are
// microseconds of true time.
//
// A document may tell of a run bit by bit: tables then hold what is new, and
// rows, which begin with their number, are new or replace what they were.
type Document struct {
	Ended  int64     `json:"ended"`            // how far the picture reaches
	Focus  int64     `json:"focus,omitempty"`  // what the page opens at
	Window *[2]int64 `json:"window,omitempty"` // what it shows first

	Members []string `json:"members,omitempty"`
	Names   []string `json:"names,omitempty"`
	Refs    []ref    `json:"refs,omitempty"`
	Tokens  []string `json:"tokens,omitempty"`
	Texts   []string `json:"texts,omitempty"`
	Groups  [][]int  `json:"groups,omitempty"` // of members
	Kinds   []string `json:"kinds,omitempty"`  // of events; all of them, or none

	Terms    [][]int64 `json:"terms,omitempty"`    // number, then from, until, from, until, … of those that are new
	Leases   [][]int64 `json:"leases,omitempty"`   // number, member, ref, token, begins, ends, terms, live
	Tenures  [][]int64 `json:"tenures,omitempty"`  // number, member, ref, token, began, ended, valid until, terms, live, beginning, ending
	Spans    [][]int64 `json:"spans,omitempty"`    // number, member, kind, from, to, text
	Faults   [][]int64 `json:"faults,omitempty"`   // number, from, to, text
	Events   [][]int64 `json:"events,omitempty"`   // number, at, kind, group, ref, token, text, until
	Overlaps [][]int64 `json:"overlaps,omitempty"` // number, name, from, to, text
}

// ref is one assignment of a stream.
type ref struct {
	Name int    `json:"n"`
	ID   string `json:"i"`
}

// What a span of a member is.
const (
	alive  = iota // the process
	frozen        // the process stands still
	cutOff        // its connection is silent
)

// row is one of a sheet, as wide as the sheet is.
type row [10]int64

// sheet is a list of rows, and which of them a reader has not seen as they are.
type sheet struct {
	width   int
	rows    []row
	changed []int
}

// put sets a row, or adds one at the end.
func (s *sheet) put(at int, values row) {
	switch {
	case at == len(s.rows):
		s.rows = append(s.rows, values)
	case s.rows[at] == values:
		return
	default:
		s.rows[at] = values
	}
	s.changed = append(s.changed, at)
}

// fresh are the rows that no reader has seen as they are, each with its number.
func (s *sheet) fresh() (rows [][]int64) {
	slices.Sort(s.changed)
	for _, at := range slices.Compact(s.changed) {
		rows = append(rows, append([]int64{int64(at)}, s.rows[at][:s.width]...))
	}
	s.changed = s.changed[:0]
	return rows
}

func yes(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func micros(d time.Duration) int64 { return d.Microseconds() }
