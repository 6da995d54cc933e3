package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/simredis"
)

// The truth at adapters depth is what the servers hold. It is copied into the
// records and leases of the models, which nothing else changes then, so that
// one observer judges both depths.

// mirror reads all servers again, after something else than a request has
// changed them.
func (r *reality) mirror() {
	r.past.touch()
	r.reread()
}

func (r *reality) reread() {
	r.seen = r.changes()
	r.mirrorSource()
	r.mirrorLeases()
}

func (r *reality) changes() (sum int64) {
	for _, server := range r.servers {
		sum += server.Changes
	}
	return sum
}

func (r *reality) mirrorSource() {
	s, server := r.world.source, r.servers[0]
	s.records, s.byID, s.backlog = nil, make(map[int64]*record), 0
	due := r.dueRefs()
	for _, e := range server.Entries(keyStream, keyGroup) {
		m := &record{id: parseMessageID(e.ID), assignment: core.Assignment{Ref: r.refs[e.ID]}, bearer: e.Consumer}
		if text, found := server.FieldOf(keyRecords, e.ID); found {
			r.readRecord(m, text)
		}
		if due[e.ID] {
			m.givenBack = 1
		}
		if !e.Delivered {
			s.backlog++
		} else {
			s.delivered = m.id
		}
		s.records = append(s.records, m)
		s.byID[m.id] = m
	}
}

var outcomeLetters = map[string]core.Outcome{"d": core.Done, "h": core.HandedOff, "f": core.Failed, "q": core.Quarantined}

// readRecord reads the line that record.lua writes.
func (r *reality) readRecord(m *record, text string) {
	words := strings.SplitN(text, " ", 10)
	if len(words) != 10 {
		return
	}
	token, _ := strconv.ParseInt(words[0], 10, 64)
	m.token, m.taker = core.Token(token), r.memberOf(words[1])
	m.takenAt, m.trial = millisSinceEpoch(words[2]), isMarked(words[2])
	if suspect := strings.Split(words[3], "/"); len(suspect) > 1 {
		m.suspect, m.suspectAlone = r.memberOf(suspect[0]), isMarked(suspect[1])
	}
	m.failures, _ = strconv.Atoi(words[4])
	m.crashes, _ = strconv.Atoi(words[5])
	m.crashedAlone = isMarked(words[5])
	if words[6] != "0" {
		m.retryAt = millisSinceEpoch(words[6])
	}
	m.settled, m.answered = outcomeLetters[words[7]], words[8] == "1"
}

// isMarked: a leading zero is a mark.
func isMarked(number string) bool { return len(number) > 1 && number[0] == '0' }

func millisSinceEpoch(text string) time.Duration {
	millis, _ := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(millis).Sub(epoch)
}

func microsSinceEpoch(micros int64) time.Duration { return time.UnixMicro(micros).Sub(epoch) }

func (r *reality) memberOf(incarnation string) core.Member {
	for _, p := range r.world.processes {
		if p.member.Incarnation == incarnation {
			return p.member
		}
	}
	return core.Member{Incarnation: incarnation}
}

func (r *reality) mirrorLeases() {
	w := r.world
	first := len(w.servers) - len(w.leaseHosts())
	for at, shown := range w.leases.servers {
		shown.empty()
		shown.grew, shown.over = nil, nil // the adapters' notifiers tell what is over
		if w.setup.Lease == Session {
			r.mirrorSessions(shown, r.servers[first+at])
		} else {
			r.mirrorLocks(shown, r.servers[first+at])
		}
	}
}

// mirrorSessions reads what the native lease store keeps.
func (r *reality) mirrorSessions(shown *leaseServer, server *simredis.Server) {
	for _, session := range server.Scores(keyPrefix + "sessions") {
		id, err := core.ParseGrantID(session.Name)
		if err != nil {
			continue
		}
		state, _ := server.FieldOf(keySessionStates, session.Name)
		g := shown.open(id, core.Member{})
		g.deadline = microsSinceEpoch(int64(session.Score))
		if words := strings.SplitN(state, " ", 5); len(words) == 5 {
			g.tally.Change, _ = strconv.ParseInt(words[0], 10, 64)
			g.member = r.memberOf(words[3])
		}
	}
	for _, field := range server.Fields(keyLeases) {
		words := strings.SplitN(field.Value, " ", 3)
		if field.Name == "" || len(words) != 3 {
			continue
		}
		id, err := core.ParseGrantID(words[0])
		if g := shown.grants[id]; err == nil && g != nil {
			token, _ := strconv.ParseInt(words[1], 10, 64)
			shown.put(g, core.StreamRef{Name: field.Name, MessageID: words[2]}, core.Token(token))
		}
	}
}

func (r *reality) lockPrefix() string {
	if r.world.setup.Lease == Quorum || r.locks == Redsync {
		return keyPrefix + "redsync:"
	}
	return keyPrefix + "redislock:"
}

func (r *reality) lockKey(name string) string { return r.lockPrefix() + "lock:" + name }

// mirrorLocks reads the libraries' locks, and what the index says of them.
func (r *reality) mirrorLocks(shown *leaseServer, server *simredis.Server) {
	for _, key := range server.WithPrefix(r.lockKey("")) {
		value, _ := server.Text(key)
		id, err := core.ParseGrantID(value)
		if err != nil {
			continue
		}
		name := strings.TrimPrefix(key, r.lockKey(""))
		entry, _ := server.FieldOf(r.lockPrefix()+"grants", value)
		token, message, incarnation := readLockEntry(entry)
		g := shown.open(id, r.memberOf(incarnation))
		g.deadline = time.UnixMilli(server.Expires(key)).Sub(epoch)
		shown.put(g, core.StreamRef{Name: name, MessageID: message}, token)
	}
}

// readLockEntry reads the line that entry.lua writes.
func readLockEntry(text string) (token core.Token, message, incarnation string) {
	words := strings.SplitN(text, " ", 5)
	if len(words) != 5 {
		return 0, "", ""
	}
	number, _ := strconv.ParseInt(words[0], 10, 64)
	messageSize, _ := strconv.Atoi(words[1])
	incarnationSize, _ := strconv.Atoi(words[2])
	if messageSize+incarnationSize > len(words[4]) {
		return 0, "", ""
	}
	return core.Token(number), words[4][:messageSize], words[4][messageSize : messageSize+incarnationSize]
}
