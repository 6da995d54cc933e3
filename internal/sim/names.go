package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamlease/streamlease/internal/nearest"
)

// names is which members and streams a scenario file speaks of, and which it
// brings itself. A name that nobody has would make a line do nothing, and
// nobody would notice.
type names struct {
	mentions []mention
	brought  [2]map[string]bool
	bursts   bool // streams of bursts come too, whose names begin with what is not known before
}

type mention struct {
	kind nameKind
	word word
	line int
}

type nameKind int

const (
	aMember nameKind = iota
	aStream
)

func (k nameKind) String() string { return [...]string{"member", "stream"}[k] }

// read notes the names of an action, whose verb is words[0].
func (n *names) read(action *Action, words []word, line int) {
	n.bursts = n.bursts || action.Verb == DoBurst
	for i, w := range words[1:] {
		switch grammar[action.Verb].slots[i].name {
		case as.name:
			n.bring(aMember, w)
		case member.name:
			if action.Verb == DoStart {
				n.bring(aMember, w)
				continue
			}
			n.mention(aMember, w, line)
		case stream.name:
			if slices.Contains([]Verb{DoAnnounce, DoMalformed, DoOversized}, action.Verb) {
				n.bring(aStream, w)
				continue
			}
			n.mention(aStream, w, line)
		}
	}
}

// ofBurst: the name is one that a burst gives, as b12-3.
func ofBurst(name string) bool {
	var last, number int
	read, err := fmt.Sscanf(name, "b%d-%d", &last, &number)
	return err == nil && read == 2 && last >= 0 && number >= 0 && name == burstName(int64(last), number)
}

func (n *names) mention(kind nameKind, w word, line int) {
	n.mentions = append(n.mentions, mention{kind, w, line})
}

func (n *names) bring(kind nameKind, w word) {
	if n.brought[kind] == nil {
		n.brought[kind] = make(map[string]bool)
	}
	n.brought[kind][w.text] = true
}

// check says which name, if any, nobody has.
func (n *names) check(setup Setup) *ParseError {
	for i := range setup.Members {
		n.bring(aMember, word{text: fmt.Sprintf("m%d", i+1)})
	}
	for i := range setup.Streams {
		n.bring(aStream, word{text: fmt.Sprintf("s%d", i+1)})
	}
	for _, m := range n.mentions {
		if m.kind == aMember {
			m.word.text, _, _ = strings.Cut(m.word.text, "#") // the second process with that ID
		}
		if n.brought[m.kind][m.word.text] || m.kind == aStream && n.bursts && ofBurst(m.word.text) {
			continue
		}
		err := wrong(m.word, "no %v is called %q: none is announced", m.kind, m.word.text)
		if known := slices.Sorted(maps.Keys(n.brought[m.kind])); len(known) > 0 {
			err = wrong(m.word, "no %v is called %q; the nearest is %q", m.kind, m.word.text, nearest.Word(m.word.text, known))
		}
		err.Line = m.line
		return err
	}
	return nil
}
