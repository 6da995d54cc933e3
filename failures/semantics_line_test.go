package failures_test

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// line is a member's own way to its Redis, which can be slow or broken in each
// direction. It loses nothing for good, as TCP does not: what waits in a broken
// direction arrives when that is mended, however late.
type line struct {
	listener          net.Listener
	server            string
	requests, replies direction
	closed            *signal
	work              sync.WaitGroup
}

type direction struct {
	broken atomic.Bool
	delay  atomic.Int64 // of each packet, in nanoseconds
}

// packet is some bytes, and when they are due at the other end.
type packet struct {
	bytes []byte
	due   time.Time
}

func startLine(t testing.TB, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{listener: listener, server: server, closed: newSignal()}
	l.work.Go(l.accept)
	t.Cleanup(l.close)
	return l
}

// URL is what redis.ParseURL reads, for database 0.
func (l *line) URL() string { return fmt.Sprintf("redis://%s/0", l.listener.Addr()) }

func (l *line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		l.work.Go(func() { l.carry(client, server, &l.requests) })
		l.work.Go(func() { l.carry(server, client, &l.replies) })
		l.work.Go(func() {
			<-l.closed.given
			_, _ = client.Close(), server.Close()
		})
	}
}

// carry ends when one end has hung up and all that was on its way has arrived.
func (l *line) carry(from, to net.Conn, way *direction) {
	underWay := make(chan packet, 1024)
	l.work.Go(func() {
		defer to.Close()
		for packet := range underWay {
			if l.await(packet.due, way) {
				_, _ = to.Write(packet.bytes) // an end that has gone is seen by the other direction
			}
		}
	})
	defer close(underWay)
	buffer := make([]byte, 32<<10)
	for {
		count, err := from.Read(buffer)
		if count > 0 {
			due := time.Now().Add(time.Duration(way.delay.Load()))
			underWay <- packet{append([]byte(nil), buffer[:count]...), due}
		}
		if err != nil {
			return
		}
	}
}

// await waits until a packet arrives; false: the line is closed.
func (l *line) await(due time.Time, way *direction) bool {
	for {
		wait := time.Until(due)
		if wait <= 0 {
			if !way.broken.Load() {
				return true
			}
			wait = lookEvery
		}
		select {
		case <-time.After(wait):
		case <-l.closed.given:
			return false
		}
	}
}

func (l *line) close() {
	_ = l.listener.Close()
	l.closed.give()
	l.work.Wait()
}

// breakWays breaks the directions; the returned function mends them.
func (l *line) breakWays(requests, replies bool) (mend func()) {
	l.requests.broken.Store(requests)
	l.replies.broken.Store(replies)
	return func() {
		l.requests.broken.Store(false)
		l.replies.broken.Store(false)
	}
}

// slowDown gives each packet of each direction a delay.
func (l *line) slowDown(delay time.Duration) {
	l.requests.delay.Store(int64(delay))
	l.replies.delay.Store(int64(delay))
}
