package mishap

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Kind is what goes wrong.
type Kind uint8

// The kinds.
const (
	// CutBefore: the connection is cut, and the call does not arrive.
	CutBefore Kind = iota + 1
	// ReplyLost: the call arrives, and the connection is cut when the server
	// has replied.
	ReplyLost
	// Late: the call is held back until Deliver.
	Late
	// Silence: the call does not arrive, and nothing is answered.
	Silence
)

// Proxy lets the first call that goes through it go wrong. Its methods may be
// called concurrently.
type Proxy struct {
	kind     Kind
	server   string
	listener net.Listener
	work     sync.WaitGroup
	// dialing ends with the proxy: a dial to a frozen server whose queue is
	// full would hold it up for minutes.
	dialing context.Context
	giveUp  context.CancelFunc

	mu          sync.Mutex
	struck      bool
	closed      bool
	late        []byte
	connections map[net.Conn]bool
}

// Start runs a proxy before a server, whose address is host:port.
func Start(server string, kind Kind) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen before the server %s: %w", server, err)
	}
	p := &Proxy{kind: kind, server: server, listener: listener, connections: map[net.Conn]bool{}}
	p.dialing, p.giveUp = context.WithCancel(context.Background())
	p.work.Go(p.accept)
	return p, nil
}

// Addr is host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Deliver sends the call that was held back, and returns when the server has
// replied. Without one it does nothing.
func (p *Proxy) Deliver() error {
	const patience = time.Minute
	p.mu.Lock()
	late := p.late
	p.late = nil
	p.mu.Unlock()
	if late == nil {
		return nil
	}
	server, err := net.DialTimeout("tcp", p.server, patience)
	if err != nil {
		return fmt.Errorf("deliver a late call: %w", err)
	}
	defer server.Close()
	if err := server.SetDeadline(time.Now().Add(patience)); err != nil {
		return fmt.Errorf("deliver a late call: %w", err)
	}
	if _, err := server.Write(late); err != nil {
		return fmt.Errorf("deliver a late call: %w", err)
	}
	if _, err := server.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("wait for the reply to a late call: %w", err)
	}
	return nil
}

// Close cuts every connection and waits until all is quiet.
func (p *Proxy) Close() error {
	p.giveUp()
	p.mu.Lock()
	p.closed = true
	err := p.listener.Close()
	for connection := range p.connections {
		_ = connection.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if !p.keep(client) {
			continue
		}
		server, err := (&net.Dialer{}).DialContext(p.dialing, "tcp", p.server)
		if err != nil || !p.keep(server) {
			p.cut(client)
			continue
		}
		passage := &passage{proxy: p, client: client, server: server}
		p.work.Go(passage.carryReplies)
		p.work.Go(passage.carryRequests)
	}
}

// keep remembers a connection; after Close it closes it instead.
func (p *Proxy) keep(connection net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = connection.Close()
		return false
	}
	p.connections[connection] = true
	return true
}

func (p *Proxy) cut(connections ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, connection := range connections {
		delete(p.connections, connection)
		_ = connection.Close()
	}
}

// strikes reports whether this is the call that goes wrong.
func (p *Proxy) strikes() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.struck
	p.struck = true
	return first
}

func (p *Proxy) holdBack(request []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = request
}

// passage is one connection through the proxy.
type passage struct {
	proxy          *Proxy
	client, server net.Conn

	mu      sync.Mutex
	replied func() // what to do with the next reply instead of passing it on
}

func (p *passage) carryRequests() {
	from := bufio.NewReader(p.client)
	for {
		request, err := readRequest(from)
		if err != nil {
			p.proxy.cut(p.client, p.server)
			return
		}
		if !request.isSetup() && p.proxy.strikes() {
			p.strike(request.raw, from)
			return
		}
		_, _ = p.server.Write(request.raw) // what fails is seen at the reply
	}
}

// strike is the last that becomes of a connection.
func (p *passage) strike(request []byte, from io.Reader) {
	switch p.proxy.kind {
	case CutBefore:
		p.proxy.cut(p.client, p.server)
		return
	case ReplyLost:
		p.mu.Lock()
		p.replied = func() { p.proxy.cut(p.client, p.server) }
		p.mu.Unlock()
		_, _ = p.server.Write(request)
		return
	case Late:
		p.proxy.holdBack(request)
	}
	_, _ = io.Copy(io.Discard, from) // until the client gives up
	p.proxy.cut(p.client, p.server)
}

func (p *passage) carryReplies() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := p.server.Read(buffer)
		if err != nil {
			p.proxy.cut(p.client, p.server)
			return
		}
		p.mu.Lock()
		replied := p.replied
		p.mu.Unlock()
		if replied != nil {
			replied()
			return
		}
		_, _ = p.client.Write(buffer[:n]) // a client that has gone is seen at its requests
	}
}
