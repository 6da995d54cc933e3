package timeline

import (
	"strings"
	"unicode"
)

// style is an SGR sequence of a terminal, or nothing.
type style string

const (
	normal  style = ""
	bold    style = "\x1b[1m"
	dim     style = "\x1b[2m"
	alarm   style = "\x1b[1;31m"
	success style = "\x1b[1;32m"
	reset   style = "\x1b[0m"
)

// colours tell members apart; more members than colours share them.
var colours = []style{
	"\x1b[30;46m", "\x1b[30;43m", "\x1b[30;45m", "\x1b[30;42m", "\x1b[30;44m", "\x1b[30;47m",
}

// line is one line of a picture. What does not fit in its width is cut.
type line struct {
	text  strings.Builder
	left  int // columns that are free
	style style
}

func newLine(width int) *line { return &line{left: width} }

// add appends text in a style.
func (l *line) add(wanted style, text string) *line {
	for _, char := range printable(text) {
		if l.left == 0 {
			break
		}
		l.change(wanted)
		l.text.WriteRune(char)
		l.left--
	}
	return l
}

// pad appends blanks until only that many columns are left.
func (l *line) pad(left int) *line { return l.add(normal, strings.Repeat(" ", max(l.left-left, 0))) }

func (l *line) change(wanted style) {
	if l.style == wanted {
		return
	}
	if l.style != normal {
		l.text.WriteString(string(reset))
	}
	l.text.WriteString(string(wanted))
	l.style = wanted
}

// String ends the line in the normal style.
func (l *line) String() string {
	l.change(normal)
	return l.text.String()
}

// printable replaces what would move a terminal's cursor, and what may be wider
// than one column: names and errors come from elsewhere.
func printable(text string) string {
	return strings.Map(func(char rune) rune {
		switch {
		case unicode.IsSpace(char):
			return ' '
		case char < ' ' || char > '~':
			return '?'
		default:
			return char
		}
	}, text)
}

// wrap breaks text at its blanks into lines of at most width columns.
func wrap(text string, width int) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && len(current)+1+len(word) > width {
			lines = append(lines, current)
			current = ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}
