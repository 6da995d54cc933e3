package streamlease

// historySize is how many ended tenures a late DoneStream can still be
// answered about.
const historySize = 16384

// history remembers the tenures that ended last, the newest of each name.
type history struct {
	byName map[string]*Stream
	ring   []*Stream
	next   int
}

func newHistory() history { return history{byName: make(map[string]*Stream)} }

func (h *history) add(stream *Stream) {
	h.byName[stream.ref.Name] = stream
	if len(h.ring) < historySize {
		h.ring = append(h.ring, stream)
		return
	}
	oldest := h.ring[h.next]
	if h.byName[oldest.ref.Name] == oldest {
		delete(h.byName, oldest.ref.Name)
	}
	h.ring[h.next] = stream
	h.next = (h.next + 1) % historySize
}

func (h *history) of(name string) *Stream { return h.byName[name] }
