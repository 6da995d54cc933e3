package simredis

import (
	"slices"
	"strings"
)

// What a server holds, for whoever judges it. Looking changes nothing: a key
// that has expired is not there, and is deleted when the server comes by it.

// peek is look without a trace.
func peek[T any](s *Server, key string) (value T, found bool) {
	held := s.keys[key]
	if held == nil || held.expires != 0 && held.expires <= s.millis() {
		return value, false
	}
	value, found = held.value.(T)
	return value, found
}

// Text is a string.
func (s *Server) Text(key string) (string, bool) { return peek[string](s, key) }

// Expires is when a key expires, in milliseconds of the server's clock; 0:
// never, or there is none.
func (s *Server) Expires(key string) int64 {
	if held := s.keys[key]; held != nil {
		return held.expires
	}
	return 0
}

// WithPrefix lists the keys that begin so, in order.
func (s *Server) WithPrefix(prefix string) (keys []string) {
	for key := range s.keys {
		if strings.HasPrefix(key, prefix) && (s.keys[key].expires == 0 || s.keys[key].expires > s.millis()) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Field is one field of a hash.
type Field struct{ Name, Value string }

// Fields are those of a hash, in the order in which they came.
func (s *Server) Fields(key string) (fields []Field) {
	if h, found := peek[*hash](s, key); found {
		for _, field := range h.order {
			fields = append(fields, Field{field.name, field.value})
		}
	}
	return fields
}

// FieldOf is one field of a hash.
func (s *Server) FieldOf(key, name string) (string, bool) {
	if h, found := peek[*hash](s, key); found {
		return h.get(name)
	}
	return "", false
}

// Score is one member of a sorted set.
type Score struct {
	Name  string
	Score float64
}

// Scores are the members of a sorted set, in order.
func (s *Server) Scores(key string) (scores []Score) {
	if z, found := peek[*sortedSet](s, key); found {
		for _, member := range z.order {
			scores = append(scores, Score{member.name, member.score})
		}
	}
	return scores
}

// Entry is one entry of a stream.
type Entry struct {
	ID     string
	Fields []string
	// Delivered: the group has handed it out.
	Delivered bool
	// Consumer has it in its pending list; empty: nobody has.
	Consumer string
}

// Entries are those of a stream, in order, as a consumer group has them.
func (s *Server) Entries(key, groupName string) (entries []Entry) {
	held, found := peek[*stream](s, key)
	if !found {
		return nil
	}
	g := held.groups[groupName]
	if g == nil {
		g = newGroup(streamID{})
	}
	for _, e := range held.entries {
		listed := Entry{ID: e.id.String(), Fields: e.fields, Delivered: compareIDs(e.id, g.last) <= 0}
		if p := g.find(e.id); p != nil {
			listed.Consumer = p.consumer.name
		}
		entries = append(entries, listed)
	}
	return entries
}
