package simredis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// group is a consumer group of a stream.
type group struct {
	last      streamID
	pending   []*pending // by message ID
	consumers map[string]*consumer
}

type consumer struct {
	name string
	seen int64 // milliseconds
}

// pending is one delivery that was not acknowledged.
type pending struct {
	id        streamID
	consumer  *consumer
	delivered int64 // milliseconds
	count     int64
}

func newGroup(last streamID) *group {
	return &group{last: last, consumers: make(map[string]*consumer)}
}

func (g *group) copy() *group {
	twin := newGroup(g.last)
	for name, member := range g.consumers {
		copied := *member
		twin.consumers[name] = &copied
	}
	for _, p := range g.pending {
		copied := *p
		copied.consumer = twin.consumers[p.consumer.name]
		twin.pending = append(twin.pending, &copied)
	}
	return twin
}

func (g *group) at(id streamID) (int, bool) {
	return slices.BinarySearchFunc(g.pending, id, func(p *pending, id streamID) int { return compareIDs(p.id, id) })
}

func (g *group) find(id streamID) *pending {
	if at, found := g.at(id); found {
		return g.pending[at]
	}
	return nil
}

func (g *group) remove(id streamID) bool {
	at, found := g.at(id)
	if found {
		g.pending = slices.Delete(g.pending, at, at+1)
	}
	return found
}

// deliver notes that the consumer has an entry now.
func (g *group) deliver(id streamID, to *consumer, now int64) *pending {
	at, found := g.at(id)
	if !found {
		g.pending = slices.Insert(g.pending, at, &pending{id: id, count: 1})
	}
	g.pending[at].consumer, g.pending[at].delivered = to, now
	return g.pending[at]
}

func (g *group) consumer(name string, now int64) *consumer {
	found := g.consumers[name]
	if found == nil {
		found = &consumer{name: name}
		g.consumers[name] = found
	}
	found.seen = now
	return found
}

func (g *group) pendingOf(name string) (count int64) {
	for _, p := range g.pending {
		if p.consumer.name == name {
			count++
		}
	}
	return count
}

// group finds a consumer group, or says in the words of the command that there
// is none.
func (c *call) group(key, name, command string) (*stream, *group, any) {
	s, _, problem := find[*stream](c.server, key)
	if problem != nil {
		return nil, nil, problem
	}
	if s == nil || s.groups[name] == nil {
		return s, nil, Error(fmt.Sprintf("NOGROUP No such key '%s' or consumer group '%s'%s", key, name, command))
	}
	return s, s.groups[name], nil
}

func xgroup(c *call) any {
	switch strings.ToUpper(c.args[1]) {
	case "CREATE":
		return c.createGroup()
	case "DESTROY":
		return c.destroyGroup()
	case "DELCONSUMER":
		return c.deleteConsumer()
	default:
		return unknownSubcommand(c.args)
	}
}

const needsKey = Error("ERR The XGROUP subcommand requires the key to exist. " +
	"Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")

func (c *call) createGroup() any {
	if len(c.args) < 5 {
		return wrongArity("xgroup|create")
	}
	s, found, problem := find[*stream](c.server, c.args[2])
	switch {
	case problem != nil:
		return problem
	case !found && (len(c.args) < 6 || !is(c.args[5], "MKSTREAM")):
		return needsKey
	case !found:
		s = newStream()
	}
	last := s.last
	if c.args[4] != "$" {
		if last, problem = parseID(c.args[4], 0); problem != nil {
			return problem
		}
	}
	if !found {
		c.server.put(c.args[2], s)
	}
	if s.groups[c.args[3]] != nil {
		return Error("BUSYGROUP Consumer Group name already exists")
	}
	s.groups[c.args[3]] = newGroup(last)
	return ok
}

func (c *call) destroyGroup() any {
	s, found, problem := find[*stream](c.server, c.args[2])
	switch {
	case problem != nil:
		return problem
	case !found:
		return needsKey
	case s.groups[c.args[3]] == nil:
		return int64(0)
	}
	delete(s.groups, c.args[3])
	c.server.touched(c.args[2])
	return int64(1)
}

func (c *call) deleteConsumer() any {
	if len(c.args) != 5 {
		return wrongArity("xgroup|delconsumer")
	}
	s, found, problem := find[*stream](c.server, c.args[2])
	switch {
	case problem != nil:
		return problem
	case !found:
		return needsKey
	case s.groups[c.args[3]] == nil:
		return Error(fmt.Sprintf("NOGROUP No such consumer group '%s' for key name '%s'", c.args[3], c.args[2]))
	}
	g := s.groups[c.args[3]]
	had := g.pendingOf(c.args[4])
	g.pending = slices.DeleteFunc(g.pending, func(p *pending) bool { return p.consumer.name == c.args[4] })
	delete(g.consumers, c.args[4])
	return had
}

func xack(c *call) any {
	s, _, problem := find[*stream](c.server, c.args[1])
	if problem != nil {
		return problem
	}
	if s == nil || s.groups[c.args[2]] == nil {
		return int64(0)
	}
	ids, problem := parseIDs(c.args[3:])
	if problem != nil {
		return problem
	}
	removed := int64(0)
	for _, id := range ids {
		removed += boolean(s.groups[c.args[2]].remove(id))
	}
	return removed
}

func xpending(c *call) any {
	if len(c.args) != 6 && len(c.args) != 7 {
		return syntaxError // the summary and IDLE are not used
	}
	from, to, problem := parseSpan(c.args[3], c.args[4])
	if problem != nil {
		return problem
	}
	count, err := strconv.Atoi(c.args[5])
	if err != nil {
		return notInteger
	}
	_, g, problem := c.group(c.args[1], c.args[2], "")
	if problem != nil {
		return problem
	}
	replies := []any{}
	at, _ := g.at(from)
	for _, p := range g.pending[at:] {
		if compareIDs(p.id, to) > 0 || len(replies) >= count {
			break
		}
		if len(c.args) == 7 && p.consumer.name != c.args[6] {
			continue
		}
		idle := max(c.server.millis()-p.delivered, 0)
		replies = append(replies, []any{p.id.String(), p.consumer.name, idle, p.count})
	}
	return replies
}

// xclaim knows what the adapters use: no idle time, FORCE and JUSTID.
func xclaim(c *call) any {
	words := c.args[5:]
	var force, justID bool
	for len(words) > 0 {
		last := words[len(words)-1]
		if !is(last, "FORCE") && !is(last, "JUSTID") {
			break
		}
		force, justID = force || is(last, "FORCE"), justID || is(last, "JUSTID")
		words = words[:len(words)-1]
	}
	_, g, problem := c.group(c.args[1], c.args[2], "")
	if problem != nil {
		return problem
	}
	idle, err := strconv.ParseInt(c.args[4], 10, 64)
	if err != nil || !justID {
		return Error("ERR Invalid min-idle-time argument for XCLAIM")
	}
	ids := make([]streamID, len(words))
	for i, word := range words {
		if ids[i], problem = parseID(word, 0); problem != nil {
			return Error("ERR Unrecognized XCLAIM option '" + word + "'")
		}
	}
	s, _, _ := find[*stream](c.server, c.args[1])
	now := c.server.millis()
	claimed := []any{}
	for _, id := range ids {
		if s.find(id) == nil {
			g.remove(id) // the entry was deleted while it was pending
			continue
		}
		held := g.find(id)
		if held == nil && !force || held != nil && idle > 0 && now-held.delivered < idle {
			continue
		}
		g.deliver(id, g.consumer(c.args[3], now), now)
		claimed = append(claimed, id.String())
	}
	return claimed
}

func xinfo(c *call) any {
	switch what := strings.ToUpper(c.args[1]); {
	case what == "GROUPS" && len(c.args) == 3, what == "CONSUMERS" && len(c.args) == 4:
	default:
		return unknownSubcommand(c.args)
	}
	s, found, problem := find[*stream](c.server, c.args[2])
	switch {
	case problem != nil:
		return problem
	case !found:
		return Error("ERR no such key")
	case len(c.args) == 4:
		return c.describeConsumers(s)
	}
	replies := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[name]
		replies = append(replies, Pairs{"name", name, "consumers", int64(len(g.consumers)),
			"pending", int64(len(g.pending)), "last-delivered-id", g.last.String()})
	}
	return replies
}

func (c *call) describeConsumers(s *stream) any {
	g := s.groups[c.args[3]]
	if g == nil {
		return Error(fmt.Sprintf("NOGROUP No such consumer group '%s' for key name '%s'", c.args[3], c.args[2]))
	}
	replies := []any{}
	for _, name := range slices.Sorted(maps.Keys(g.consumers)) {
		replies = append(replies, Pairs{"name", name, "pending", g.pendingOf(name),
			"idle", max(c.server.millis()-g.consumers[name].seen, 0)})
	}
	return replies
}
