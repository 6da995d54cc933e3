package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// picture turns the record of a run into a document.
type picture struct {
	result    *sim.Result
	chronicle *sim.Chronicle
	end       time.Duration
	reasons   map[int]string // why something was refused, by the event's index
	overlaps  []overlap
	incident  incident

	members, names, tokens, texts, groups table[string]
	refs                                  table[core.StreamRef]
	groupsOf                              [][]int
}

func newPicture(r *sim.Result) *picture {
	p := &picture{result: r, chronicle: &r.Chronicle, end: endOf(r)}
	p.reasons = reasonsOf(r.Trace)
	p.overlaps = overlapsOf(&r.Chronicle, p.end)
	p.incident = p.findIncident()
	for _, event := range r.Trace { // members in the order in which they came
		if event.Kind == sim.Started {
			p.members.number(event.Member)
		}
	}
	return p
}

func (p *picture) draw() document {
	doc := document{Ended: micros(p.end), Focus: micros(p.incident.at), Window: p.window(), Kinds: kindsOf()}
	doc.Leases, doc.Tenures = p.leases(), p.tenures()
	doc.Spans = p.spans()
	doc.Events = p.events()
	doc.Overlaps = p.overlapRows()
	doc.Terms = p.terms()
	for _, r := range p.refs.rows {
		doc.Refs = append(doc.Refs, ref{p.names.number(r.Name), r.MessageID})
	}
	for _, name := range p.names.rows {
		doc.Names = append(doc.Names, shown(name))
	}
	doc.Members, doc.Tokens, doc.Texts, doc.Groups = p.members.rows, p.tokens.rows, p.texts.rows, p.groupsOf
	return doc
}

// endOf is where the picture ends. A violation ends its run at once; what was
// believed at that instant is to be seen beyond it.
func endOf(r *sim.Result) time.Duration {
	if r.Held() {
		return r.Ended
	}
	return r.Ended + r.Scenario.Setup.Filled().TTL/4
}

func (p *picture) leases() (rows [][7]int64) {
	for i := range p.chronicle.Leases {
		l := &p.chronicle.Leases[i]
		rows = append(rows, [7]int64{p.member(l.Member), p.ref(l.Ref), p.token(l.Token),
			micros(l.Begins), micros(lastsUntil(p.chronicle, l.Terms, l.Live, l.Ends, p.end)), int64(l.Terms), yes(l.Live)})
	}
	return rows
}

func (p *picture) tenures() (rows [][10]int64) {
	for i := range p.chronicle.Tenures {
		t := &p.chronicle.Tenures[i]
		rows = append(rows, [10]int64{p.member(t.Member), p.ref(t.Ref), p.token(t.Token), micros(t.Began),
			micros(lastsUntil(p.chronicle, t.Terms, t.Live, t.Ended, p.end)), micros(validUntil(p.chronicle, t, p.end)), int64(t.Terms), yes(t.Live), p.text(t.Beginning), p.text(t.Ending)})
	}
	return rows
}

func (p *picture) terms() [][]int64 {
	rows := make([][]int64, len(p.chronicle.Terms))
	for i, terms := range p.chronicle.Terms {
		rows[i] = make([]int64, 0, 2*len(terms))
		for _, term := range terms {
			rows[i] = append(rows[i], micros(term.From), micros(term.Until))
		}
	}
	return rows
}

func (p *picture) overlapRows() (rows [][4]int64) {
	for _, o := range p.overlaps {
		rows = append(rows, [4]int64{int64(p.names.number(o.name)), micros(o.from), micros(o.to), p.text(o.sentence())})
	}
	return rows
}

func (p *picture) member(label string) int64 {
	if label == "" {
		return none
	}
	return int64(p.members.number(label))
}

// group numbers a set of members.
func (p *picture) group(labels []string) int64 {
	if len(labels) == 0 {
		return none
	}
	before := len(p.groups.rows)
	at := p.groups.number(strings.Join(labels, "\x00"))
	if at == before {
		var set []int
		for _, label := range labels {
			set = append(set, p.members.number(label))
		}
		p.groupsOf = append(p.groupsOf, set)
	}
	return int64(at)
}

func (p *picture) ref(r core.StreamRef) int64 {
	if r.Name == "" {
		return none
	}
	p.names.number(r.Name)
	return int64(p.refs.number(r))
}

func (p *picture) token(t core.Token) int64 {
	if t == 0 {
		return none
	}
	return int64(p.tokens.number(strconv.FormatInt(int64(t), 10)))
}

func (p *picture) text(text string) int64 {
	if text == "" {
		return none
	}
	return int64(p.texts.number(text))
}

func yes(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func micros(d time.Duration) int64 { return d.Microseconds() }

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
