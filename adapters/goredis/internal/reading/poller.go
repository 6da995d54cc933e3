package reading

import (
	"container/heap"
	"context"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

const (
	// feedsPerRead is how many streams one pipeline reads.
	feedsPerRead = 250
	// readsAtOnce is how many pipelines are under way at one node.
	readsAtOnce = 4
	// early is the part of its wait by which a stream may be read before its
	// time, so that many go into one pipeline.
	early = 8
)

// Poller reads any number of streams by reads that do not block in the server.
// It has no goroutine but those that read. Its methods may be called
// concurrently.
type Poller struct {
	config Config
	lane   *conn.Lane
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu      sync.Mutex
	agenda  agenda
	nodes   map[*redis.Client]*node
	timer   *time.Timer
	closed  bool
	reading sync.WaitGroup
}

// node is the reads at one server; those whose server is not known yet are at
// nil.
type node struct {
	client  *redis.Client
	waiting []*feed
	reads   int
}

// NewPoller makes a poller whose lane ends with it.
func NewPoller(lane func(until context.Context) *conn.Lane, config Config) *Poller {
	p := &Poller{config: config, nodes: map[*redis.Client]*node{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.lane = lane(p.ctx)
	p.timer = time.AfterFunc(math.MaxInt64, p.wake)
	return p
}

// Open begins to read the stream at key after the message with the given ID.
// idle is called, perhaps by another goroutine, whenever the server has said
// that there is nothing.
func (p *Poller) Open(key, after string, idle func()) Stream {
	return &feed{poller: p, key: key, last: after, idle: idle, got: make(chan got, 1), place: -1}
}

// Close ends all reads; whoever waits in Next gets ErrClosed.
func (p *Poller) Close() error {
	p.mu.Lock()
	p.closed = true
	p.timer.Stop()
	p.mu.Unlock()
	p.cancel()
	p.reading.Wait()
	// Its connections are cut already, and there is nothing to say of them.
	_ = p.lane.Close()
	return nil
}

// want has the feed read, when its time has come.
func (p *Poller) want(f *feed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.wanted || p.closed {
		return
	}
	f.wanted = true
	p.put(f, time.Now().Add(f.wait))
	p.advance()
}

func (p *Poller) leave(f *feed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.left = true
	if f.place >= 0 {
		heap.Remove(&p.agenda, f.place)
	}
}

func (p *Poller) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance()
}

// What follows is called with the mutex held.

func (p *Poller) put(f *feed, due time.Time) {
	f.due = due
	heap.Push(&p.agenda, f)
}

// advance begins the reads that are due, and sees to it that somebody comes
// again for the others.
func (p *Poller) advance() {
	now := time.Now()
	for len(p.agenda) > 0 && !p.agenda[0].due.After(now.Add(p.agenda[0].wait/early)) {
		f := heap.Pop(&p.agenda).(*feed)
		n := p.nodes[f.node]
		if n == nil {
			n = &node{client: f.node}
			p.nodes[f.node] = n
		}
		n.waiting = append(n.waiting, f)
	}
	for _, n := range p.nodes {
		p.begin(n)
	}
	if len(p.agenda) > 0 && !p.closed {
		p.timer.Reset(time.Until(p.agenda[0].due))
	}
}

// begin begins reads at a node. A node that does not answer holds up its own.
func (p *Poller) begin(n *node) {
	for n.reads < readsAtOnce && len(n.waiting) > 0 && !p.closed {
		count := min(len(n.waiting), feedsPerRead)
		feeds := n.waiting[:count:count]
		n.waiting = n.waiting[count:]
		n.reads++
		p.reading.Go(func() { p.read(n, feeds) })
	}
	if n.reads == 0 && len(n.waiting) == 0 {
		delete(p.nodes, n.client)
	}
}

// end takes in what a read came to.
func (p *Poller) end(n *node, feeds []*feed, outcomes []outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n.reads--
	now := time.Now()
	for i, f := range feeds {
		p.take(f, outcomes[i], now)
	}
	p.advance()
}

func (p *Poller) take(f *feed, o outcome, now time.Time) {
	f.node = o.node
	switch {
	case f.left:
	case o.err != nil:
		f.wanted = false
		f.got <- got{err: o.err}
	case len(o.messages) > 0:
		f.wanted, f.wait = false, 0
		f.last = o.messages[len(o.messages)-1].ID
		f.got <- got{messages: o.messages}
	case o.routed:
		p.put(f, now)
	default:
		f.wait = p.config.longer(f.wait)
		p.put(f, now.Add(f.wait))
	}
}
