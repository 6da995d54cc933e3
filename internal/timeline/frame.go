package timeline

import (
	"fmt"
	"strings"
	"time"
)

// The smallest terminal in which a picture makes sense, beside its streams and
// members.
const (
	minWidth   = 60
	minStory   = 3 // lines
	frameLines = 4 // title, clock, legend and a blank one
)

const (
	nameWidth  = 10
	stateWidth = 6
)

// frame is what a picture is made of.
type frame struct {
	facts   Facts
	title   string
	streams int           // how many there will be
	length  time.Duration // how long the run takes, about
	width   int           // of the terminal
	height  int
}

// lines draws the picture. It has fewer lines than the terminal, and each is
// narrower than the terminal, so nothing scrolls and nothing wraps.
func (f frame) lines() []string {
	lines := []string{f.titleLine(), f.clockLine()}
	for _, stream := range f.facts.Streams {
		lines = append(lines, f.streamLine(stream))
	}
	for range f.streams - len(f.facts.Streams) {
		lines = append(lines, "") // so that nothing moves when they are announced
	}
	lines = append(lines, f.legendLine())
	for i := range f.facts.Members {
		lines = append(lines, f.memberLine(i))
	}
	lines = append(lines, "")
	story := f.storyLines()
	room := max(f.height-1-len(lines), 0)
	lines = append(lines, story[max(len(story)-room, 0):]...)
	return lines[:max(min(len(lines), f.height-1), 0)]
}

// fits says whether a terminal of that size can hold the picture.
func fits(width, height, streams, members int) bool {
	return width >= minWidth && height > streams+members+frameLines+minStory
}

func (f frame) newLine() *line { return newLine(max(f.width-1, 0)) }

func (f frame) titleLine() string {
	clock := fmt.Sprintf("%.1f s", f.facts.At.Seconds())
	return f.newLine().add(bold, f.title).pad(len(clock)).add(dim, clock).String()
}

// column is the time that one column of the bars stands for. It grows by
// halves, so that the bars do not flicker when a run takes longer than it
// should.
func (f frame) column() time.Duration {
	length := max(f.length, time.Second)
	for length < f.facts.At {
		length += length / 2
	}
	return length / time.Duration(f.bar())
}

// bar is the number of columns for the time. The terminal may have become
// narrower than it was.
func (f frame) bar() int { return max(f.width-1-nameWidth-stateWidth, 1) }

func (f frame) streamLine(stream Row) string {
	line := f.newLine().add(normal, shortened(stream.Name, nameWidth-1)).pad(f.bar() + stateWidth)
	step := f.column()
	for i := range f.bar() {
		from := time.Duration(i) * step
		if from > f.facts.At {
			break
		}
		style, cell := f.cell(stream, from, min(from+step, f.facts.At))
		line.add(style, cell)
	}
	line.pad(stateWidth)
	switch owner, owned := stream.Owner(); {
	case stream.FinishedBy != "":
		line.add(success, " done")
	case owned:
		line.add(normal, "   "+owner.Member)
	default:
		line.add(dim, "   -")
	}
	return line.String()
}

// cell is what a stream looked like in a span of time, at its end.
func (f frame) cell(stream Row, from, to time.Duration) (style, string) {
	for _, refused := range stream.RefusedAt {
		if from <= refused && refused < to {
			return alarm, "!"
		}
	}
	switch {
	case stream.AnnouncedAt >= to:
		return normal, " "
	case stream.FinishedBy != "" && stream.FinishedAt < from:
		return normal, " "
	case stream.FinishedBy != "" && stream.FinishedAt < to:
		return success, "*"
	}
	for i := len(stream.Tenures) - 1; i >= 0; i-- {
		if tenure := stream.Tenures[i]; tenure.Began < to {
			return f.ownedCell(tenure, to-1)
		}
	}
	return dim, "."
}

func (f frame) ownedCell(tenure Tenure, at time.Duration) (style, string) {
	for i, member := range f.facts.Members {
		if member.Name != tenure.Member {
			continue
		}
		if outage, down := member.outage(at); down {
			return alarm, outageMark(outage.Kind)
		}
		if tenure.Ended != 0 && tenure.Ended <= at {
			return dim, "."
		}
		return colours[i%len(colours)], f.facts.mark(i)
	}
	return normal, "?"
}

func outageMark(kind Kind) string {
	if kind == Frozen {
		return "~"
	}
	return "x"
}

// clockLine has a mark every five seconds, or less often where the marks
// would run into one another.
func (f frame) clockLine() string {
	const columns = 8 // for each mark, at least
	line := f.newLine().pad(f.bar() + stateWidth)
	step := max(f.column(), 1)
	every := 5 * time.Second
	for every < columns*step {
		every *= 2
	}
	for i := range f.bar() {
		from := time.Duration(i) * step
		if mark := (from + step - 1) / every * every; mark >= from {
			line.pad(f.bar()+stateWidth-i).add(dim, fmt.Sprintf("%.0f s", mark.Seconds()))
		}
	}
	return line.String()
}

func (f frame) legendLine() string {
	line := f.newLine().pad(f.bar() + stateWidth)
	return line.add(dim, ". nobody   x killed   ~ frozen   ! write refused   * done").String()
}

func (f frame) memberLine(i int) string {
	member := f.facts.Members[i]
	line := f.newLine().
		add(colours[i%len(colours)], " "+shortened(member.Name, nameWidth-3)+" ").
		pad(f.width - 1 - nameWidth)
	look, state := stateOf(member)
	line.add(look, fmt.Sprintf("%-9s", state))
	line.add(normal, fmt.Sprintf("owns %2d   finished %2d", len(f.facts.OwnedBy(member.Name)), f.facts.FinishedBy(member.Name)))
	if member.Label != "" {
		line.add(dim, "   "+member.Label)
	}
	return line.String()
}

// stateOf is how a member is called, and in which style.
func stateOf(member Member) (style, string) {
	switch member.State {
	case "":
		return dim, "starts"
	case Joined, Woken:
		return success, "runs"
	case Left:
		return dim, "closed"
	default:
		return alarm, string(member.State)
	}
}

// storyLines are the steps and what became of them, the last one bright.
func (f frame) storyLines() []string {
	const indent = 3
	events, steps := f.story()
	step := 0
	var lines []string
	for _, event := range events {
		look, mark := normal, ""
		if event.Kind == Step {
			step++
			look, mark = bold, fmt.Sprint(step)
		}
		if step < steps {
			look = dim
		}
		for i, text := range wrap(event.Note, max(f.width-1-indent, 1)) {
			if i > 0 {
				mark = ""
			}
			lines = append(lines, f.newLine().add(look, mark+strings.Repeat(" ", indent-len(mark))).add(look, text).String())
		}
	}
	return lines
}

func (f frame) story() (events []Event, steps int) {
	for _, event := range f.facts.Events {
		switch event.Kind {
		case Step:
			steps++
			events = append(events, event)
		case Said:
			events = append(events, event)
		}
	}
	return events, steps
}

func shortened(text string, width int) string {
	if len(text) <= width {
		return text
	}
	return text[:width]
}
