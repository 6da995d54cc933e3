package member

import (
	"sync"
	"sync/atomic"
	"time"
)

// notes is what the applications of a process were told.
type notes struct {
	owned           []atomic.Int64 // by member
	added, disowned atomic.Int64

	mu        sync.Mutex
	recording bool
	arrivals  []Arrival
}

func newNotes(members int) *notes { return &notes{owned: make([]atomic.Int64, members)} }

// record notes the arrivals from now on: before, they would cost memory that
// is not the library's.
func (n *notes) record() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.recording = true
}

// take answers the arrivals since the last time.
func (n *notes) take() []Arrival {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.arrivals
	n.arrivals = nil
	return taken
}

func (n *notes) ownedNow() []int64 {
	now := make([]int64, len(n.owned))
	for member := range n.owned {
		now[member] = n.owned[member].Load()
	}
	return now
}

// application is the application of one member: it does nothing with its
// streams. Its methods may be called concurrently.
type application struct {
	notes  *notes
	number int
}

// Added hears that the member owns the stream now.
func (a application) Added(name string) {
	at := time.Now()
	a.notes.owned[a.number].Add(1)
	a.notes.added.Add(1)
	a.notes.mu.Lock()
	defer a.notes.mu.Unlock()
	if a.notes.recording {
		a.notes.arrivals = append(a.notes.arrivals, Arrival{Member: a.number, Name: name, At: at.UnixNano()})
	}
}

// Disowned hears that the member does not own a stream any more.
func (a application) Disowned() {
	a.notes.owned[a.number].Add(-1)
	a.notes.disowned.Add(1)
}

// GaveAway notes that the application gave a stream to the others.
func (a application) GaveAway() { a.notes.owned[a.number].Add(-1) }
