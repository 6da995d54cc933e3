package failures_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"time"
)

// passage is one connection through the proxy.
type passage struct {
	proxy          *proxy
	client, server net.Conn
	replies        chan reply // one for each request, in order
	over           *signal    // no reply will be carried any more
}

// reply is what becomes of the reply to a request.
type reply struct {
	own      string // the proxy's own; empty: the server's
	lost     *fault // the server's, which is lost by this fault
	messages bool   // not one reply, but messages without end
}

func newPassage(proxy *proxy, client, server net.Conn) *passage {
	return &passage{proxy: proxy, client: client, server: server, replies: make(chan reply, 64), over: newSignal()}
}

// carryRequests ends when the client has gone, or a fault has struck.
func (p *passage) carryRequests() {
	defer p.proxy.cut(p.client)
	defer close(p.replies)
	from := bufio.NewReader(p.client)
	for listens := false; ; {
		request, err := readRequest(from)
		if err != nil {
			p.proxy.cut(p.server)
			return
		}
		p.proxy.dawdle()
		strikes, own := p.proxy.meet(p.proxy.scripts.callOf(request))
		switch {
		case listens: // what it is answered is among the messages
			_, _ = p.server.Write(request.raw)
		case strikes != nil:
			p.strike(strikes, request, from)
			return
		case own != "":
			p.expect(reply{own: own})
		default:
			listens = strings.EqualFold(request.words[0], "SUBSCRIBE")
			p.expect(reply{messages: listens})
			_, _ = p.server.Write(request.raw) // what fails is seen at the reply
		}
	}
}

func (p *passage) strike(fault *fault, request wireRequest, from io.Reader) {
	switch fault.mishap {
	case cutBefore:
		fault.struck.give()
		fault.over.give()
		p.proxy.cut(p.server)
		p.proxy.cut(p.client)
	case replyLost:
		p.expect(reply{lost: fault})
		_, _ = p.server.Write(request.raw)
		<-p.over.given // the client is not cut before the request was executed
	case executedLate:
		fault.struck.give()
		p.hold(fault, request, from)
	}
}

// hold lets a request, and what its client sent behind it, arrive long after the
// client has gone.
func (p *passage) hold(fault *fault, request wireRequest, from io.Reader) {
	behind, _ := io.ReadAll(from)
	select {
	case <-time.After(fault.lateness):
		p.expect(reply{lost: fault})
		_, _ = p.server.Write(append(request.raw, behind...))
	case <-p.proxy.closed.given:
		p.proxy.cut(p.server)
	}
}

func (p *passage) expect(reply reply) {
	select {
	case p.replies <- reply:
	case <-p.over.given:
	}
}

// carryReplies ends when the server has gone, or a fault has struck.
func (p *passage) carryReplies() {
	defer p.over.give()
	defer p.proxy.cut(p.client)
	defer p.proxy.cut(p.server)
	from := bufio.NewReader(p.server)
	for reply := range p.replies {
		switch {
		case reply.messages:
			p.carryMessages(from)
			return
		case reply.own != "":
			_, _ = io.WriteString(p.client, reply.own)
		default:
			raw, err := readReply(from)
			if err != nil {
				return
			}
			if reply.lost != nil {
				reply.lost.struck.give()
				reply.lost.over.give()
				return
			}
			_, _ = p.client.Write(raw)
		}
	}
}
