package lockstest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"

	"github.com/redis/go-redis/v9"
)

// mishap is what happens to a request on its way.
type trouble uint8

const (
	// cutBefore: the connection breaks, and the request never arrives.
	cutBefore trouble = iota + 1
	// replyLost: the request is executed, and then the connection breaks.
	replyLost
	// stopped: the request waits until the wire goes on.
	stopped
)

// wire is the connections of a client. It counts what is written, and lets a
// mishap happen to one request.
type wire struct {
	mutex   sync.Mutex
	writes  int
	scripts int
	at      int // the request that the mishap happens to, counted from 1; 0: none
	trouble trouble
	reached func()
	goOn    chan struct{}
}

// tap is for redistest.Server.Client.
func (w *wire) tap(options *redis.Options) {
	dialer := &net.Dialer{}
	options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &tapped{Conn: connection, wire: w}, nil
	}
}

func (w *wire) count() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.writes
}

// arm lets the mishap happen to the nth request from now on.
func (w *wire) arm(at int, trouble trouble) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.scripts, w.at, w.trouble = 0, at, trouble
	w.goOn = make(chan struct{})
}

// disarm ends what arm began, and tells whether the trouble came.
func (w *wire) disarm() (happened bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	happened = w.at > 0 && w.scripts >= w.at
	w.at = 0
	return happened
}

// next counts a request; those of go-redis for itself do not count.
func (w *wire) next(request []byte) trouble {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.writes++
	before := w.scripts
	lower := bytes.ToLower(request)
	for _, word := range []string{"\neval\r", "\nevalsha\r", "\nnx\r"} {
		w.scripts += bytes.Count(lower, []byte(word))
	}
	// What waited for a slow server goes out in one write.
	if before < w.at && w.at <= w.scripts {
		return w.trouble
	}
	return 0
}

type tapped struct {
	net.Conn
	wire *wire
	lost bool
}

var errCut = errors.New("cut by the test")

// Write sends a request, unless a mishap happens to it.
func (t *tapped) Write(request []byte) (int, error) {
	switch t.wire.next(request) {
	case cutBefore:
		_ = t.Conn.Close()
		return 0, errCut
	case replyLost:
		t.lost = true
	case stopped:
		t.wire.reached()
		<-t.wire.goOn
	}
	return t.Conn.Write(request)
}

// Read waits for the reply that it loses: then the request was executed.
func (t *tapped) Read(buffer []byte) (int, error) {
	read, err := t.Conn.Read(buffer)
	if t.lost {
		_ = t.Conn.Close()
		return 0, errCut
	}
	return read, err
}
