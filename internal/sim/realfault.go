package sim

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/simredis"
)

// Faults of the servers at adapters depth, and the producer.

// keys of the service, as the adapters name them.
const (
	keyStream  = realService + "-input"
	keyGroup   = realService + "-group"
	keyPrefix  = "{" + keyStream + "}:"
	keyRecords = keyPrefix + "records"
	keyLeases  = keyPrefix + "leases"
	keyDue     = keyPrefix + "due"

	keySessionStates = keyPrefix + "session-states"
)

// announce adds an entry as producers do.
func (r *reality) announce(name string, form form) core.StreamRef {
	payload := entryOf(name, form)
	var said []byte
	server := r.servers[0]
	server.Full, server.ReadOnly = false, false // producers try until they succeed
	producer := server.Connect(func(reply []byte) { said = append(said, reply...) })
	producer.Do([]string{"XADD", keyStream, "*", "lbs-input", string(payload)})
	producer.Close()
	ref := core.StreamRef{Name: name, MessageID: bulkOf(said)}
	r.refs[ref.MessageID], r.malformed[ref] = ref, form != wellFormed
	r.mirror()
	r.flush()
	return ref
}

// entryOf is what a producer writes.
func entryOf(name string, form form) []byte {
	var info any
	switch form {
	case noJSON:
		return []byte("{")
	case tooLarge:
		info = map[string]any{"Large": strings.Repeat("x", core.MaxInfoBytes)}
	}
	entry, err := json.Marshal(map[string]any{"DataStreamName": name, "Info": info})
	must(err)
	return entry
}

// bulkOf reads a reply that is one string.
func bulkOf(reply []byte) string {
	begin := 0
	for reply[begin] != '\n' {
		begin++
	}
	return string(reply[begin+1 : len(reply)-2])
}

// aimedServers are the servers that an action is about.
func (r *reality) aimedServers(source bool, leases []int) (servers []int) {
	first := len(r.world.servers) - len(r.world.leaseHosts())
	for _, at := range leases {
		servers = append(servers, first+at)
	}
	if source && (len(servers) == 0 || servers[0] != 0) {
		servers = append(servers, 0)
	}
	return servers
}

func (r *reality) remember(a *Action) {
	var copies []simredis.Data
	for _, server := range r.servers {
		copies = append(copies, server.Copy())
	}
	r.data[a] = copies
}

// replace lets servers begin anew, with the data given; none: with nothing.
func (r *reality) replace(servers []int, data []simredis.Data) {
	for _, at := range servers {
		r.cutServer(at)
		with := simredis.Data{}
		if data != nil {
			with = data[at]
		}
		r.servers[at].Restart(with)
	}
	r.mirror()
}

// restoring lets a replica take over that lacks the last writes; nil: none was
// there.
func (r *reality) restoring(a *Action) func(source bool, leases []int) {
	data := r.data[a]
	if data == nil {
		return nil
	}
	return func(source bool, leases []int) { r.replace(r.aimedServers(source, leases), data) }
}

// goDown breaks all connections; nobody is answered until the servers are back,
// with their data, without scripts and settings.
func (r *reality) goDown(servers []int) {
	for _, at := range servers {
		r.cutServer(at)
		r.servers[at].Restart(r.servers[at].Copy())
	}
}

// countersAhead is where counters of tokens begin that the clock is of no help
// to: far in the future, each server's by itself.
const (
	countersAhead = 2_000_000_000_000_000
	countersApart = 1000
)

// countAhead lets the clocks of the lease servers be behind their counters, as
// after a clock was wrong for a while: tokens count up one by one.
func (r *reality) countAhead() {
	for at := range r.world.leaseHosts() {
		server := r.servers[len(r.servers)-len(r.world.leaseHosts())+at]
		operator := server.Connect(func([]byte) {})
		operator.Do([]string{"SET", keyPrefix + "token", strconv.Itoa(countersAhead + at*countersApart)})
		operator.Close()
	}
}

// drop removes an assignment, and counts it out of what its taker has.
func (r *reality) drop(ref core.StreamRef) {
	w, server := r.world, r.servers[0]
	admin := server.Connect(func([]byte) {})
	if was := w.source.find(ref); was != nil && was.owned() {
		field := "taken:" + was.taker.Incarnation
		if text, found := server.FieldOf(keyRecords, field); found {
			admin.Do([]string{"HSET", keyRecords, field, countedOut(text)})
		}
	}
	admin.Do([]string{"XACK", keyStream, keyGroup, ref.MessageID})
	admin.Do([]string{"XDEL", keyStream, ref.MessageID})
	admin.Do([]string{"HDEL", keyRecords, ref.MessageID})
	admin.Do([]string{"ZREM", keyDue, ref.MessageID})
	admin.Close()
	w.observer.removed(ref, core.Quarantined)
	r.mirror()
	r.flush()
}

// countedOut is a tally, as tally.lua writes it, after one was removed.
func countedOut(tally string) string {
	words := strings.SplitN(tally, " ", 3)
	change, _ := strconv.Atoi(words[0])
	count, _ := strconv.Atoi(words[1])
	words[0], words[1] = strconv.Itoa(change+1), strconv.Itoa(count-1)
	return strings.Join(words, " ")
}

// evict removes a lease behind the members' backs.
func (r *reality) evict(name string) {
	w := r.world
	for at := range w.leaseHosts() {
		server := r.servers[len(w.servers)-len(w.leaseHosts())+at]
		if w.setup.Lease == Session {
			evictFromSession(server, name)
		} else {
			server.Evict(r.lockKey(name))
		}
	}
	w.counts.effects["lease evicted"]++
	r.mirror()
	r.flush()
}

// evictFromSession removes a lease and counts it out of its session: a lease
// that is gone and still counted would damage the session as a whole.
func evictFromSession(server *simredis.Server, name string) {
	lease, found := server.FieldOf(keyLeases, name)
	if !found {
		return
	}
	grant, _, _ := strings.Cut(lease, " ")
	operator := server.Connect(func([]byte) {})
	defer operator.Close()
	operator.Do([]string{"HDEL", keyLeases, name})
	operator.Do([]string{"ZREM", keyPrefix + "session:" + grant, name})
	if state, found := server.FieldOf(keySessionStates, grant); found {
		operator.Do([]string{"HSET", keySessionStates, grant, countedOut(state)})
	}
}
