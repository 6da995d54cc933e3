package streamlease

import (
	"cmp"
	"errors"
	"slices"
)

// tenures is the loop's table of the streams that this member owns, and of
// those that ended not long ago. Only the loop's goroutine touches it. A
// member has one live tenure of a name at most.
type tenures struct {
	byName map[string]*Stream
	// lost are the tenures whose StreamDisowned waits to be received: several
	// of one assignment, when Claims told of those between.
	lost map[tenureKey]*Stream
	past history
}

// tenureKey names a tenure.
type tenureKey struct {
	ref   StreamRef
	token Token
}

func (s *Stream) key() tenureKey { return tenureKey{s.ref, s.token} }

func newTenures() tenures {
	return tenures{
		byName: make(map[string]*Stream),
		lost:   make(map[tenureKey]*Stream),
		past:   newHistory(),
	}
}

func (t *tenures) begin(stream *Stream) { t.byName[stream.ref.Name] = stream }

// tell notes that the application has the stream now.
func (t *tenures) tell(stream *Stream) {
	if stream != nil {
		stream.told = true
	}
}

// end takes the tenure from the table and ends it with the cause. It returns
// nil when there is no such tenure.
func (t *tenures) end(name string, token Token, cause error) *Stream {
	stream := t.live(name, token)
	if stream == nil {
		return nil
	}
	delete(t.byName, name)
	if stream.told {
		t.past.add(stream)
		if errors.Is(cause, ErrDisowned) {
			t.lost[stream.key()] = stream
		}
	}
	stream.end(cause)
	return stream
}

// endAll ends every tenure that is left.
func (t *tenures) endAll(cause error) {
	for name, stream := range t.byName {
		t.end(name, stream.token, cause)
	}
}

// endContexts ends the contexts of tenures that go on.
func (t *tenures) endContexts(cause error) {
	for _, stream := range t.byName {
		stream.endContext(cause)
	}
}

// live is the live tenure with that token, or nil.
func (t *tenures) live(name string, token Token) *Stream {
	if stream := t.byName[name]; stream != nil && stream.token == token {
		return stream
	}
	return nil
}

// disowned is the ended tenure whose StreamDisowned waits, or nil.
func (t *tenures) disowned(ref StreamRef, token Token) *Stream {
	return t.lost[tenureKey{ref, token}]
}

// forget notes that the application knows of the end.
func (t *tenures) forget(stream *Stream) {
	if stream != nil {
		delete(t.lost, stream.key())
	}
}

// lastTold is the tenure of that name which the application received last,
// live or ended, or nil.
func (t *tenures) lastTold(name string) *Stream {
	if stream := t.byName[name]; stream != nil && stream.told {
		return stream
	}
	return t.past.of(name)
}

// owned lists the live tenures that the application knows of, by name.
func (t *tenures) owned() []*Stream {
	list := make([]*Stream, 0, len(t.byName))
	for _, stream := range t.byName {
		if stream.told {
			list = append(list, stream)
		}
	}
	slices.SortFunc(list, func(a, b *Stream) int { return cmp.Compare(a.ref.Name, b.ref.Name) })
	return list
}
