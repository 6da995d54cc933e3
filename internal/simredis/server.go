package simredis

import (
	"maps"
	"slices"
	"time"
)

// Server is one simulated server. It is for one goroutine.
type Server struct {
	now      func() time.Time
	keys     map[string]*item
	scripts  map[string]*script
	settings map[string]string
	clients  map[int64]*Client
	lastID   int64
	blocked  []*Client
	dirty    []string
	lua      *interpreter
	// scriptTime is what the clock shows during a script; 0: none runs.
	scriptTime int64

	// Full: it is out of memory for new data.
	Full bool
	// ReadOnly: it has become a replica.
	ReadOnly bool
	// Loading: it is reading its data, and answers nothing else.
	Loading bool
	// Replicas is how many replicas have everything that was written.
	Replicas int
	// Changes counts the commands that were allowed to write.
	Changes int64
}

// NewServer makes an empty server whose clock is now.
func NewServer(now func() time.Time) *Server {
	s := &Server{now: now, clients: make(map[int64]*Client)}
	s.forget()
	s.keys = make(map[string]*item)
	return s
}

func (s *Server) forget() {
	s.scripts = make(map[string]*script)
	s.settings = map[string]string{"notify-keyspace-events": "", "maxmemory": "0", "maxmemory-policy": "noeviction"}
}

func (s *Server) millis() int64 { return s.now().UnixMilli() }

// Restart cuts all connections and begins anew with the data, which may be that
// of another server: then it is its successor after a failover. Scripts and
// settings are forgotten.
func (s *Server) Restart(with Data) {
	s.CutAll()
	s.forget()
	s.keys = copyKeys(with.keys)
	s.Changes++
}

// CutAll cuts all connections.
func (s *Server) CutAll() {
	for _, id := range slices.Sorted(maps.Keys(s.clients)) {
		s.clients[id].Close()
	}
}

// Client is one connection.
type Client struct {
	server  *Server
	id      int64
	name    string
	version int // of the protocol
	send    func([]byte)
	waiting *reading // nil: it does not wait
	until   time.Time
	// channels are those that it has subscribed to, in order.
	channels []string
	closed   bool
}

// Connect makes a connection. Whatever the server says goes to send.
func (s *Server) Connect(send func([]byte)) *Client {
	s.lastID++
	c := &Client{server: s, id: s.lastID, version: 2, send: send}
	s.clients[c.id] = c
	return c
}

// Waits reports whether the client waits in a command.
func (c *Client) Waits() bool { return c.waiting != nil }

// Closed reports whether the server has cut the connection.
func (c *Client) Closed() bool { return c.closed }

// Close ends the connection.
func (c *Client) Close() {
	c.closed = true
	delete(c.server.clients, c.id)
	c.waiting = nil
	c.server.blocked = slices.DeleteFunc(c.server.blocked, func(other *Client) bool { return other == c })
}

func (c *Client) answer(reply any) {
	if c.closed {
		return
	}
	if read, is := reply.(streamsRead); is {
		reply = read.as(c.version)
	}
	c.send(appendReply(nil, reply, c.version))
}

func (read streamsRead) as(version int) any {
	if version != newest {
		return []any(read)
	}
	var pairs Pairs
	for _, one := range read {
		pairs = append(pairs, one.([]any)...)
	}
	return pairs
}

// Do carries out one request; the reply goes to send, now or, when the command
// waits, later.
func (c *Client) Do(words []string) {
	if c.closed {
		return
	}
	request := &call{server: c.server, client: c, args: words}
	if reply := request.run(); c.waiting == nil {
		if reply != answered {
			c.answer(reply)
		}
	}
	c.server.serveBlocked()
}
