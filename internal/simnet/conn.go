package simnet

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamlease/streamlease/internal/simredis"
)

// Conn is one connection of a client: a net.Conn on the client's side, and the
// methods of the scheduler. They may be used concurrently.
type Conn struct {
	bus   *Bus
	place Place

	mutex    sync.Mutex
	changed  chan struct{} // closed, and made again, with every change
	sent     []byte
	received []byte
	failure  error // what reads and writes are answered from now on; nil: it stands
	deadline time.Time
	closed   bool

	// Greetings are the requests that were answered without the server: it has
	// to hear of them before any other.
	greetings [][]string
}

// Dial makes a connection that stands.
func (b *Bus) Dial(place Place) *Conn {
	return &Conn{bus: b, place: place, changed: make(chan struct{})}
}

// Place is where the connection begins and leads.
func (c *Conn) Place() Place { return c.place }

// Write puts each complete request on the bus.
func (c *Conn) Write(sent []byte) (int, error) {
	c.mutex.Lock()
	if err := c.broken(); err != nil {
		c.mutex.Unlock()
		return 0, err
	}
	c.sent = append(c.sent, sent...)
	requests, err := c.cutRequests()
	c.mutex.Unlock()
	if len(requests) > 0 {
		c.bus.park(Parcel{Conn: c, Requests: requests})
	}
	return len(sent), err
}

func (c *Conn) broken() error {
	if c.closed {
		return net.ErrClosed
	}
	return c.failure
}

// cutRequests takes the complete requests, and greets.
func (c *Conn) cutRequests() (requests [][]string, err error) {
	for {
		words, rest, err := simredis.ParseRequest(c.sent)
		if err != nil || words == nil {
			return requests, err
		}
		c.sent = rest
		if !isGreeting(words) {
			requests = append(requests, words)
			continue
		}
		c.greetings = append(c.greetings, words)
		c.greet(words)
	}
}

func isGreeting(words []string) bool {
	return strings.EqualFold(words[0], "hello") ||
		len(words) > 1 && strings.EqualFold(words[0], "client") && strings.HasPrefix(strings.ToLower(words[1]), "set")
}

// greet answers as any server would.
func (c *Conn) greet(words []string) {
	greeter := simredis.NewServer(time.Now).Connect(func(reply []byte) { c.received = append(c.received, reply...) })
	greeter.Do(words)
	c.tell()
}

// Greetings are what the client has said to a server that has not heard it yet.
func (c *Conn) Greetings() [][]string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	greetings := c.greetings
	c.greetings = nil
	return greetings
}

// tell wakes a read that waits.
func (c *Conn) tell() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Read waits until the scheduler lets it hear something.
func (c *Conn) Read(into []byte) (int, error) {
	for {
		c.mutex.Lock()
		if len(c.received) > 0 && !c.closed {
			n := copy(into, c.received)
			c.received = c.received[n:]
			c.mutex.Unlock()
			return n, nil
		}
		err, changed, deadline := c.broken(), c.changed, c.deadline
		c.mutex.Unlock()
		if err != nil {
			return 0, err
		}
		if !await(changed, deadline) {
			return 0, os.ErrDeadlineExceeded
		}
	}
}

// afterDeadline keeps a deadline apart from the timer of whoever set it: which of
// two timers of one instant comes first is different every time.
const afterDeadline = time.Microsecond

// await reports whether something changed before the deadline; zero: there is
// none.
func await(changed <-chan struct{}, deadline time.Time) bool {
	if deadline.IsZero() {
		<-changed
		return true
	}
	timer := time.NewTimer(time.Until(deadline) + afterDeadline)
	defer timer.Stop()
	select {
	case <-changed:
		return true
	case <-timer.C:
		return false
	}
}

// Deliver lets the client hear what a server has said.
func (c *Conn) Deliver(reply []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.broken() == nil {
		c.received = append(c.received, reply...)
		c.tell()
	}
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// Reset breaks the connection, as its client will find out at once.
func (c *Conn) Reset() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.broken() == nil {
		c.failure = errReset
		c.tell()
	}
}

// Open reports whether the client still has the connection.
func (c *Conn) Open() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.broken() == nil
}

// Close ends the connection on the client's side.
func (c *Conn) Close() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.closed {
		return errors.Join(net.ErrClosed, io.ErrClosedPipe)
	}
	c.closed = true
	c.tell()
	return nil
}

// SetDeadline bounds reads; writes never wait.
func (c *Conn) SetDeadline(at time.Time) error { return c.SetReadDeadline(at) }

// SetReadDeadline bounds reads, those under way too.
func (c *Conn) SetReadDeadline(at time.Time) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.deadline = at
	c.tell()
	return nil
}

// SetWriteDeadline does nothing: writes never wait.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

// LocalAddr is of no use.
func (c *Conn) LocalAddr() net.Addr { return address("127.0.0.1:1") }

// RemoteAddr is of no use.
func (c *Conn) RemoteAddr() net.Addr { return address("127.0.0.1:6379") }
