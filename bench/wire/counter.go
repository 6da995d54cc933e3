package wire

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Counts is what went over a process's connections since it began.
type Counts struct {
	// Commands are those that a client sent; a pipeline of ten is ten.
	Commands int64
	// RoundTrips is how often a client began to send after it had read, or for
	// the first time: a pipeline is one.
	RoundTrips int64
	// BytesOut and BytesIn are what clients sent and received.
	BytesOut, BytesIn int64
	// Connections is how many were opened.
	Connections int64
}

// Minus is what was counted since earlier.
func (c Counts) Minus(earlier Counts) Counts {
	return Counts{
		Commands:    c.Commands - earlier.Commands,
		RoundTrips:  c.RoundTrips - earlier.RoundTrips,
		BytesOut:    c.BytesOut - earlier.BytesOut,
		BytesIn:     c.BytesIn - earlier.BytesIn,
		Connections: c.Connections - earlier.Connections,
	}
}

// Plus adds up what several processes counted.
func (c Counts) Plus(other Counts) Counts {
	return Counts{
		Commands:    c.Commands + other.Commands,
		RoundTrips:  c.RoundTrips + other.RoundTrips,
		BytesOut:    c.BytesOut + other.BytesOut,
		BytesIn:     c.BytesIn + other.BytesIn,
		Connections: c.Connections + other.Connections,
	}
}

// Counter counts what goes over the connections that it dials. It may be used
// concurrently; the zero value is ready.
type Counter struct {
	commands, roundTrips, bytesOut, bytesIn, connections atomic.Int64
}

// Counts is what was counted so far.
func (c *Counter) Counts() Counts {
	return Counts{
		Commands:    c.commands.Load(),
		RoundTrips:  c.roundTrips.Load(),
		BytesOut:    c.bytesOut.Load(),
		BytesIn:     c.bytesIn.Load(),
		Connections: c.connections.Load(),
	}
}

const (
	dialTimeout = 5 * time.Second
	keepAlive   = 5 * time.Minute
)

// Dial is what redis.Options.Dialer wants, with the settings of go-redis' own.
func (c *Counter) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	connection, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.connections.Add(1)
	return &countedConn{Conn: connection, counter: c}, nil
}

// countedConn counts what goes through one connection. One goroutine writes at
// a time, as with any connection of a Redis client.
type countedConn struct {
	net.Conn
	counter  *Counter
	requests requests
	asked    atomic.Bool // written since the last read
}

func (c *countedConn) Write(bytes []byte) (int, error) {
	n, err := c.Conn.Write(bytes)
	c.counter.bytesOut.Add(int64(n))
	c.counter.commands.Add(c.requests.see(bytes[:n]))
	if n > 0 && !c.asked.Swap(true) {
		c.counter.roundTrips.Add(1)
	}
	return n, err
}

func (c *countedConn) Read(bytes []byte) (int, error) {
	n, err := c.Conn.Read(bytes)
	c.counter.bytesIn.Add(int64(n))
	if n > 0 {
		c.asked.Store(false)
	}
	return n, err
}

// NetConn lets go-redis look at the socket beneath, as it does without a
// counter.
func (c *countedConn) NetConn() net.Conn { return c.Conn }
