package conformance

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// longestJournal is how many of the last lines a failure shows.
const longestJournal = 40

// journal remembers what a check did, for those who read its failure. Its
// methods may be called concurrently.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

type entry struct {
	at     time.Duration
	text   string
	answer string
	// open: the call has not been answered yet.
	open bool
}

// note writes down something that is no call.
func (j *journal) note(at time.Duration, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry{at: at, text: text})
}

// begin writes down a call; its number is for end.
func (j *journal) begin(at time.Duration, call string) (number int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry{at: at, text: call, open: true})
	return len(j.entries) - 1
}

func (j *journal) end(number int, answer string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries[number].answer, j.entries[number].open = answer, false
}

// length is how many lines there are: the number of the last one.
func (j *journal) length() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries)
}

// String is the last lines, numbered from the beginning.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var text strings.Builder
	from := max(0, len(j.entries)-longestJournal)
	if from > 0 {
		fmt.Fprintf(&text, "        (%d lines before)\n", from)
	}
	for i := from; i < len(j.entries); i++ {
		fmt.Fprintf(&text, "    %3d. %v\n", i+1, j.entries[i])
	}
	return text.String()
}

// String is the line without its number.
func (e entry) String() string {
	line := fmt.Sprintf("at %v: %s", e.at.Round(time.Microsecond), e.text)
	switch {
	case e.open:
		return line + " → (no answer yet)"
	case e.answer != "":
		return line + " → " + e.answer
	}
	return line
}
