package simnet

import (
	"slices"
	"strings"
	"sync"
)

// Place is where a connection begins and where it leads.
type Place struct {
	Process int    // the client's
	Role    string // what the client is for
	Server  int
}

// Parcel is what a client has sent at once: one request, or a pipeline.
type Parcel struct {
	Conn     *Conn
	Requests [][]string
}

// Bus is where everything waits that the scheduler has to see. Its methods may
// be called concurrently.
type Bus struct {
	mutex   sync.Mutex
	parcels []Parcel
	news    []News
	signal  chan struct{}
}

// News is something else that a goroutine of a process has to say: a call has
// come back, or a hint has come.
type News struct {
	Process int
	// Order tells the news of one process apart.
	Order uint64
	Tell  func()
}

// NewBus makes a bus. It belongs to the bubble in which it is made.
func NewBus() *Bus { return &Bus{signal: make(chan struct{}, 1)} }

// Signal has an element when something was put on the bus since the last Take.
func (b *Bus) Signal() <-chan struct{} { return b.signal }

func (b *Bus) park(parcel Parcel) {
	b.mutex.Lock()
	b.parcels = append(b.parcels, parcel)
	b.mutex.Unlock()
	b.ring()
}

// Say puts news on the bus.
func (b *Bus) Say(news News) {
	b.mutex.Lock()
	b.news = append(b.news, news)
	b.mutex.Unlock()
	b.ring()
}

func (b *Bus) ring() {
	select {
	case b.signal <- struct{}{}:
	default:
	}
}

// Take empties the bus. The order does not depend on which goroutine came
// first.
func (b *Bus) Take() ([]Parcel, []News) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	select {
	case <-b.signal:
	default:
	}
	parcels, news := b.parcels, b.news
	b.parcels, b.news = nil, nil
	slices.SortStableFunc(parcels, compareParcels)
	slices.SortStableFunc(news, func(one, other News) int {
		if one.Process != other.Process {
			return one.Process - other.Process
		}
		return compare(one.Order, other.Order)
	})
	return parcels, news
}

func compare(one, other uint64) int {
	switch {
	case one < other:
		return -1
	case one > other:
		return 1
	}
	return 0
}

// compareParcels goes by place and content, never by connection: which
// connection of its pool a client takes depends on who came first.
func compareParcels(one, other Parcel) int {
	a, b := one.Conn.place, other.Conn.place
	if a != b {
		if a.Process != b.Process {
			return a.Process - b.Process
		}
		if a.Server != b.Server {
			return a.Server - b.Server
		}
		return strings.Compare(a.Role, b.Role)
	}
	return slices.CompareFunc(one.Requests, other.Requests, slices.Compare[[]string])
}
