package simredis

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// stream is what is under the key of a stream.
type stream struct {
	entries []entry
	last    streamID
	groups  map[string]*group
}

type entry struct {
	id     streamID
	fields []string
}

func newStream() *stream { return &stream{groups: make(map[string]*group)} }

func (s *stream) copy() *stream {
	twin := &stream{entries: slices.Clone(s.entries), last: s.last, groups: make(map[string]*group)}
	for name, g := range s.groups {
		twin.groups[name] = g.copy()
	}
	return twin
}

// streamID is a message ID.
type streamID struct{ time, sequence uint64 }

var lastPossible = streamID{math.MaxUint64, math.MaxUint64}

// String writes it as Redis does.
func (id streamID) String() string {
	return strconv.FormatUint(id.time, 10) + "-" + strconv.FormatUint(id.sequence, 10)
}

func compareIDs(a, b streamID) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.sequence, b.sequence))
}

func (id streamID) next() streamID {
	if id.sequence == math.MaxUint64 {
		return streamID{id.time + 1, 0}
	}
	return streamID{id.time, id.sequence + 1}
}

// after is the first ID behind this one, before the last ahead of it.
func (id streamID) after() (streamID, any) {
	if id == lastPossible {
		return id, Error("ERR invalid start ID for the interval")
	}
	return id.next(), nil
}

func (id streamID) before() (streamID, any) {
	switch {
	case id == streamID{}:
		return id, Error("ERR invalid end ID for the interval")
	case id.sequence == 0:
		return streamID{id.time - 1, math.MaxUint64}, nil
	}
	return streamID{id.time, id.sequence - 1}, nil
}

const invalidID = Error("ERR Invalid stream ID specified as stream command argument")

// parseID reads a message ID; one without a sequence gets the one given.
func parseID(text string, sequence uint64) (id streamID, problem any) {
	first, second, both := strings.Cut(text, "-")
	time, err := strconv.ParseUint(first, 10, 64)
	if err != nil {
		return id, invalidID
	}
	if both {
		if sequence, err = strconv.ParseUint(second, 10, 64); err != nil {
			return id, invalidID
		}
	}
	return streamID{time, sequence}, nil
}

// parseSpan reads both ends of a range of message IDs.
func parseSpan(first, last string) (from, to streamID, problem any) {
	if from, problem = parseEnd(first, 0, streamID.after); problem != nil {
		return from, to, problem
	}
	to, problem = parseEnd(last, math.MaxUint64, streamID.before)
	return from, to, problem
}

func parseEnd(text string, sequence uint64, inside func(streamID) (streamID, any)) (id streamID, problem any) {
	switch text {
	case "-":
		return streamID{}, nil
	case "+":
		return lastPossible, nil
	}
	rest, exclusive := strings.CutPrefix(text, "(")
	if id, problem = parseID(rest, sequence); problem != nil || !exclusive {
		return id, problem
	}
	return inside(id)
}

// at is the position of the first entry not before id.
func (s *stream) at(id streamID) int {
	at, _ := slices.BinarySearchFunc(s.entries, id, func(e entry, id streamID) int { return compareIDs(e.id, id) })
	return at
}

func (s *stream) find(id streamID) *entry {
	if at := s.at(id); at < len(s.entries) && s.entries[at].id == id {
		return &s.entries[at]
	}
	return nil
}

func answerEntry(e entry) any { return []any{e.id.String(), texts(e.fields)} }

func xadd(c *call) any {
	words := c.args[3:]
	if len(words) == 0 || len(words)%2 != 0 {
		return wrongArity(c.args[0])
	}
	wanted, problem := parseNewID(c.args[2])
	if problem != nil {
		return problem
	}
	held, found, problem := find[*stream](c.server, c.args[1])
	if problem != nil {
		return problem
	}
	if !found {
		held = newStream()
	}
	id := wanted
	if id == (streamID{}) {
		id = held.newID(streamID{time: uint64(c.server.millis())})
	}
	if compareIDs(id, held.last) <= 0 {
		return Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	}
	if !found {
		c.server.put(c.args[1], held)
	}
	held.last = id
	held.entries = append(held.entries, entry{id, slices.Clone(words)})
	c.server.touched(c.args[1])
	return id.String()
}

// parseNewID reads the ID for a new entry; the zero ID: the server chooses.
func parseNewID(text string) (id streamID, problem any) {
	if text == "*" {
		return id, nil
	}
	if id, problem = parseID(text, 0); problem == nil && id == (streamID{}) {
		problem = Error("ERR The ID specified in XADD must be greater than 0-0")
	}
	return id, problem
}

// newID grows also when the clock does not.
func (s *stream) newID(now streamID) streamID {
	if compareIDs(now, s.last) <= 0 {
		return s.last.next()
	}
	return now
}

func xlen(c *call) any {
	s, found, problem := find[*stream](c.server, c.args[1])
	if problem != nil {
		return problem
	}
	if !found {
		return int64(0)
	}
	return int64(len(s.entries))
}

func xrange(c *call) any {
	from, to, problem := parseSpan(c.args[2], c.args[3])
	if problem != nil {
		return problem
	}
	count, limited := 0, len(c.args) > 4
	switch words := c.args[4:]; {
	case len(words) == 0:
	case len(words) == 2 && is(words[0], "COUNT"):
		var err error
		if count, err = strconv.Atoi(words[1]); err != nil {
			return notInteger
		}
	default:
		return syntaxError
	}
	s, found, problem := find[*stream](c.server, c.args[1])
	if problem != nil {
		return problem
	}
	replies := []any{}
	switch {
	case !found:
		return replies
	case limited && count <= 0:
		return noArray{}
	}
	for _, e := range s.entries[s.at(from):] {
		if compareIDs(e.id, to) > 0 || limited && len(replies) == count {
			break
		}
		replies = append(replies, answerEntry(e))
	}
	return replies
}

func xdel(c *call) any {
	s, found, problem := find[*stream](c.server, c.args[1])
	if problem != nil || !found {
		return orZero(problem)
	}
	ids, problem := parseIDs(c.args[2:])
	if problem != nil {
		return problem
	}
	removed := int64(0)
	for _, id := range ids {
		if s.find(id) != nil {
			at := s.at(id)
			s.entries = slices.Delete(s.entries, at, at+1)
			removed++
		}
	}
	return removed
}

func parseIDs(words []string) (ids []streamID, problem any) {
	for _, word := range words {
		id, problem := parseID(word, 0)
		if problem != nil {
			return nil, problem
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func orZero(problem any) any {
	if problem == nil {
		return int64(0)
	}
	return problem
}
