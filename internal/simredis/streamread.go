package simredis

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// reading is an XREADGROUP of what is new on one stream.
type reading struct {
	group, consumer, key string
	count                int
	blocks               bool
	wait                 time.Duration // 0: for ever
}

func xreadgroup(c *call) any {
	r, problem := readReading(c.args)
	if problem != nil {
		return problem
	}
	reply, problem := c.server.read(r)
	switch {
	case problem != nil:
		return problem
	case reply != nil:
		return reply
	case !r.blocks || c.inScript:
		return noArray{}
	}
	c.client.block(r)
	return nil
}

func readReading(words []string) (r reading, problem any) {
	if len(words) < 7 || !is(words[1], "GROUP") {
		return r, syntaxError
	}
	r.group, r.consumer = words[2], words[3]
	for i := 4; i < len(words); i++ {
		switch word := strings.ToUpper(words[i]); {
		case word == "STREAMS" && i+3 == len(words) && words[i+2] == ">":
			r.key = words[i+1]
			return r, nil
		case (word == "COUNT" || word == "BLOCK") && i+1 < len(words):
			number, err := strconv.Atoi(words[i+1])
			if err != nil {
				return r, notInteger
			}
			if word == "COUNT" {
				r.count = number
			} else {
				r.blocks, r.wait = true, time.Duration(number)*time.Millisecond
			}
			i++
		default:
			return r, syntaxError
		}
	}
	return r, syntaxError
}

// read delivers what is new; nil when nothing is.
func (s *Server) read(r reading) (reply, problem any) {
	c := &call{server: s}
	held, g, problem := c.group(r.key, r.group, " in XREADGROUP with GROUP option")
	if problem != nil {
		return nil, problem
	}
	now := s.millis()
	found := held.entries[held.at(g.last.next()):]
	if r.count > 0 {
		found = found[:min(r.count, len(found))]
	}
	if len(found) == 0 {
		return nil, nil // nor is the consumer made
	}
	reader := g.consumer(r.consumer, now)
	replies := []any{}
	for _, e := range found {
		g.last = e.id
		g.deliver(e.id, reader, now).count = 1
		replies = append(replies, answerEntry(e))
	}
	return streamsRead{[]any{r.key, replies}}, nil
}

// streamsRead is a map from stream to entries, which RESP2 has as an array of
// pairs.
type streamsRead []any

// block lets the client wait for an entry.
func (c *Client) block(r reading) {
	c.waiting = &r
	if r.wait > 0 {
		c.until = c.server.now().Add(r.wait)
	} else {
		c.until = time.Time{}
	}
	c.server.blocked = append(c.server.blocked, c)
}

func (c *Client) unblock(reply any) {
	c.waiting = nil
	c.server.blocked = slices.DeleteFunc(c.server.blocked, func(other *Client) bool { return other == c })
	c.answer(reply)
}

// touched remembers that a key on which clients wait was written or deleted.
func (s *Server) touched(key string) {
	if len(s.blocked) > 0 && !slices.Contains(s.dirty, key) {
		s.dirty = append(s.dirty, key)
	}
}

// serveBlocked looks after each command whether somebody waits for what it has
// written, first come, first served.
func (s *Server) serveBlocked() {
	dirty := s.dirty
	s.dirty = nil
	for _, client := range slices.Clone(s.blocked) {
		r := client.waiting
		if !slices.Contains(dirty, r.key) {
			continue
		}
		if _, found := s.keys[r.key]; !found {
			client.unblock(Error("UNBLOCKED the stream key no longer exists"))
			continue
		}
		reply, problem := s.read(*r)
		switch {
		case problem != nil:
			client.unblock(Error("NOGROUP the consumer group this client was blocked on no longer exists"))
		case reply != nil:
			client.unblock(reply)
		}
	}
}

// NextTimeout is when the first wait of a client ends.
func (s *Server) NextTimeout() (at time.Time, any bool) {
	for _, client := range s.blocked {
		if !client.until.IsZero() && (!any || client.until.Before(at)) {
			at, any = client.until, true
		}
	}
	return at, any
}

// EndWaits answers the clients whose wait is over.
func (s *Server) EndWaits() {
	now := s.now()
	for _, client := range slices.Clone(s.blocked) {
		if !client.until.IsZero() && !client.until.After(now) {
			client.unblock(noArray{})
		}
	}
}
