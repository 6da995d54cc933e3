package failures_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between members and their Redis, knows which call a request is,
// and lets faults strike.
type proxy struct {
	listener net.Listener
	server   string
	scripts  *scriptNames
	closed   *signal
	work     sync.WaitGroup
	// dialing ends with the proxy: a dial to a frozen server whose queue is
	// full would hold it up for minutes.
	dialing context.Context
	giveUp  context.CancelFunc

	mu      sync.Mutex
	ends    map[net.Conn]bool
	faults  []*fault
	seen    map[call]int
	answers map[call]string // what the proxy answers by itself
	weather weather
}

// startProxy runs a proxy before the server, whose address is host:port.
func startProxy(t testing.TB, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{
		listener: listener, server: server, closed: newSignal(),
		scripts: &scriptNames{byHash: map[string]call{}},
		ends:    map[net.Conn]bool{}, seen: map[call]int{}, answers: map[call]string{},
	}
	p.dialing, p.giveUp = context.WithCancel(context.Background())
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr is host:port.
func (p *proxy) Addr() string { return p.listener.Addr().String() }

// URL is what redis.ParseURL reads.
func (p *proxy) URL(database int) string { return fmt.Sprintf("redis://%s/%d", p.Addr(), database) }

// arm lets the fault strike the next request of its call.
func (p *proxy) arm(fault *fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fault)
}

// answer makes the proxy answer each such call by itself; reply is RESP.
func (p *proxy) answer(call call, reply string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[call] = reply
}

// count is how many requests of the call have come.
func (p *proxy) count(call call) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[call]
}

// meet says what is to be done with a request: a fault that strikes, or a reply
// that the proxy knows; else the request passes.
func (p *proxy) meet(request call) (strikes *fault, reply string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if request == "" {
		return nil, "-NOSCRIPT the proxy does not know the script yet\r\n"
	}
	p.seen[request]++
	at := slices.IndexFunc(p.faults, func(fault *fault) bool { return fault.call == request })
	if at < 0 {
		return nil, p.answers[request]
	}
	strikes = p.faults[at]
	p.faults = slices.Delete(p.faults, at, at+1)
	return strikes, ""
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(p.dialing, "tcp", p.server)
		if err == nil && p.isCutOff() {
			_ = server.Close()
			err = net.ErrClosed
		}
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.keep(client, server) {
			return
		}
		passage := newPassage(p, client, server)
		p.work.Go(passage.carryRequests)
		p.work.Go(passage.carryReplies)
	}
}

// keep remembers connections, to cut them in the end; it reports false when the
// end has come already.
func (p *proxy) keep(ends ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range ends {
		if p.closed.isGiven() {
			_ = end.Close()
		} else {
			p.ends[end] = true
		}
	}
	return !p.closed.isGiven()
}

// cut closes a connection.
func (p *proxy) cut(end net.Conn) {
	_ = end.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.ends, end)
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.giveUp()
	p.mu.Lock()
	p.closed.give()
	for end := range p.ends {
		_ = end.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
}
