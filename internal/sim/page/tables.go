package page

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamlease/streamlease/core"
)

// none stands where a row refers to nothing.
const none = -1

// table numbers what is put into it.
type table[T comparable] struct {
	numbers map[T]int
	rows    []T
	told    int // how many rows a reader has seen
}

func (t *table[T]) number(row T) int {
	if at, known := t.numbers[row]; known {
		return at
	}
	if t.numbers == nil {
		t.numbers = make(map[T]int)
	}
	t.numbers[row] = len(t.rows)
	t.rows = append(t.rows, row)
	return len(t.rows) - 1
}

// fresh are the rows that no reader has seen.
func (t *table[T]) fresh() []T {
	rows := t.rows[t.told:]
	t.told = len(t.rows)
	return rows
}

// tables number what the rows of a document refer to.
type tables struct {
	members, names, tokens, texts, groups table[string]
	refs                                  table[core.StreamRef]
	groupsOf                              [][]int
}

// put puts what no reader has seen into a document.
func (t *tables) put(doc *Document) {
	for _, r := range t.refs.fresh() {
		doc.Refs = append(doc.Refs, ref{t.names.number(r.Name), r.MessageID})
	}
	for _, name := range t.names.fresh() {
		doc.Names = append(doc.Names, shown(name))
	}
	doc.Groups = t.groupsOf[t.groups.told:]
	t.groups.fresh()
	doc.Members, doc.Tokens, doc.Texts = t.members.fresh(), t.tokens.fresh(), t.texts.fresh()
}

func (t *tables) member(label string) int64 {
	if label == "" {
		return none
	}
	return int64(t.members.number(label))
}

// group numbers a set of members.
func (t *tables) group(labels []string) int64 {
	if len(labels) == 0 {
		return none
	}
	before := len(t.groups.rows)
	at := t.groups.number(strings.Join(labels, "\x00"))
	if at == before {
		var set []int
		for _, label := range labels {
			set = append(set, t.members.number(label))
		}
		t.groupsOf = append(t.groupsOf, set)
	}
	return int64(at)
}

func (t *tables) ref(r core.StreamRef) int64 {
	if r.Name == "" {
		return none
	}
	t.names.number(r.Name)
	return int64(t.refs.number(r))
}

func (t *tables) token(token core.Token) int64 {
	if token == 0 {
		return none
	}
	return int64(t.tokens.number(strconv.FormatInt(int64(token), 10)))
}

func (t *tables) text(text string) int64 {
	if text == "" {
		return none
	}
	return int64(t.texts.number(text))
}

// longestName is how many bytes of a name are shown.
const longestName = 80

// shown is a name, cut where a reader would not read on.
func shown(name string) string { return brief(name, longestName) }

// brief cuts a text after so many bytes, and says so.
func brief(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:cut], len(text))
}
