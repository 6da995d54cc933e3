package failures_test

import (
	"bufio"
	"bytes"
	"time"
)

// weather is what happens to all that passes through a proxy, for a while.
type weather struct {
	cutOff     bool          // no connection comes to be
	latency    time.Duration // of each request
	losesHints bool
}

// change changes the weather.
func (p *proxy) change(how func(*weather)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(&p.weather)
}

func (p *proxy) now() weather {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.weather
}

func (p *proxy) isCutOff() bool { return p.now().cutOff }

// dawdle lets a request wait as long as the weather says. Those behind it on
// the same connection wait too, others pass it.
func (p *proxy) dawdle() {
	latency := p.now().latency
	if latency == 0 {
		return
	}
	select {
	case <-time.After(latency):
	case <-p.closed.given:
	}
}

// cutAll cuts all connections that there are.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := range p.ends {
		_ = end.Close()
	}
}

// clear ends whatever was to happen.
func (p *proxy) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.weather, p.faults = weather{}, nil
}

// carryMessages carries what a subscriber hears.
func (p *passage) carryMessages(from *bufio.Reader) {
	for {
		raw, err := readReply(from)
		if err != nil {
			return
		}
		if isMessage(raw) && p.proxy.now().losesHints {
			continue
		}
		if _, err := p.client.Write(raw); err != nil {
			return
		}
	}
}

// isMessage tells messages from answers to the subscriber, by which it sees that
// its connection lives.
func isMessage(raw []byte) bool {
	_, words, _ := bytes.Cut(raw, []byte("\r\n"))
	return bytes.HasPrefix(words, []byte("$7\r\nmessage\r\n"))
}
