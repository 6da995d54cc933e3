package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table writes columns as kubectl does. It writes what it is given at once, so
// that a million rows need no memory; a column only ever becomes wider.
type table struct {
	out    io.Writer
	header []string
	widths []int
	begun  bool
}

const columnGap = 3

func newTable(out io.Writer, header ...string) *table {
	return &table{out: out, header: header, widths: make([]int, len(header))}
}

// write writes some rows, under the header if they are the first.
func (t *table) write(rows [][]string) {
	if !t.begun && len(rows) > 0 {
		rows = append([][]string{t.header}, rows...)
		t.begun = true
	}
	for _, row := range rows {
		for column, cell := range row {
			t.widths[column] = max(t.widths[column], utf8.RuneCountInString(cell))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		t.line(&text, row)
	}
	_, _ = io.WriteString(t.out, text.String())
}

func (t *table) line(text *strings.Builder, row []string) {
	for column, cell := range row {
		if column == len(row)-1 {
			fmt.Fprintln(text, cell)
			return
		}
		text.WriteString(cell)
		text.WriteString(strings.Repeat(" ", t.widths[column]-utf8.RuneCountInString(cell)+columnGap))
	}
}
