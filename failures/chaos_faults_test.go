package failures_test

import "time"

// chaosFault is one kind of fault.
type chaosFault struct {
	name   string
	weight int // how often it comes, compared with the others
	// strike reports whether there was anybody to strike.
	strike func(*chaos, dice) bool
}

var chaosFaults = []chaosFault{
	{"kill -9 of a member", 3, (*chaos).killMember},
	{"SIGSTOP of a member", 3, (*chaos).freezeMember},
	{"member joins", 2, (*chaos).joinMember},
	{"member leaves by Close", 2, (*chaos).closeMember},
	{"kill -9 of a producer", 1, (*chaos).killProducer},
	{"SIGSTOP of a producer", 1, (*chaos).freezeProducer},
	{"one member's connections cut", 3, (*chaos).cutOne},
	{"all connections cut", 1, (*chaos).cutEverybody},
	{"pub/sub connections killed", 2, (*chaos).killPubSub},
	{"member cut off", 2, (*chaos).cutOff},
	{"latency", 2, (*chaos).slowDown},
	{"hints lost", 2, (*chaos).loseHints},
	{"request cut before", 4, func(c *chaos, d dice) bool { return c.strikeCall(d, cutBefore) }},
	{"request executed late", 5, func(c *chaos, d dice) bool { return c.strikeCall(d, executedLate) }},
	{"reply lost", 5, func(c *chaos, d dice) bool { return c.strikeCall(d, replyLost) }},
	{"Redis killed -9 and restarted", 1, (*chaos).killRedis},
	{"SIGSTOP of Redis", 1, (*chaos).freezeRedis},
}

// drawFault draws a kind, by weight.
func drawFault(d dice) chaosFault {
	total := 0
	for _, fault := range chaosFaults {
		total += fault.weight
	}
	drawn := d.IntN(total)
	for _, fault := range chaosFaults {
		if drawn -= fault.weight; drawn < 0 {
			return fault
		}
	}
	panic("the weights do not add up")
}

// during notes a fault that lasts, and ends it later.
func (c *chaos) during(length time.Duration, what string, whom *chaosProcess, end func()) {
	from := c.now()
	c.troubles.add(trouble{what, whom, span{from, from + length}})
	c.agenda.add(from+length, end)
}

// at notes a fault of a moment.
func (c *chaos) at(what string, whom *chaosProcess) {
	now := c.now()
	c.troubles.add(trouble{what, whom, span{now, now}})
}

func (c *chaos) killMember(d dice) bool {
	victim, found := pick(d, c.livingMembers())
	replaced, sameID := d.ttls(0, 2), d.IntN(2) == 0
	if !found {
		return false
	}
	c.kill(victim)
	id := ""
	if sameID {
		id = victim.id
	}
	c.agenda.add(c.now()+replaced, func() { c.startMember(id) })
	return true
}

func (c *chaos) kill(victim *chaosProcess) {
	c.at("killed", victim)
	victim.killed = true
	victim.kill9()
}

func (c *chaos) freezeMember(d dice) bool { return c.freezeOne(d, c.livingMembers()) }

func (c *chaos) freezeProducer(d dice) bool { return c.freezeOne(d, c.livingProducers()) }

func (c *chaos) freezeOne(d dice, among []*chaosProcess) bool {
	victim, found := pick(d, among)
	length := d.ttls(0.2, 3)
	if !found || victim.frozen.Load() {
		return false
	}
	victim.freeze()
	c.during(length, frozen, victim, func() {
		if victim.process.State() == nil {
			victim.thaw()
		}
	})
	return true
}

func (c *chaos) joinMember(dice) bool {
	if len(c.livingMembers()) >= mostMembers {
		return false
	}
	c.startMember("")
	return true
}

func (c *chaos) closeMember(d dice) bool {
	leaver, found := pick(d, c.livingMembers())
	if !found || len(c.livingMembers()) <= fewestMembers {
		return false
	}
	c.at("closing", leaver)
	leaver.beginClose()
	return true
}

func (c *chaos) killProducer(d dice) bool {
	at, length := d.IntN(len(c.producers)), d.ttls(0, 1)
	victim := c.producers[at]
	if victim.isOver() {
		return false
	}
	c.kill(victim)
	c.agenda.add(c.now()+length, func() { c.producers[at] = c.startProducer(victim.id) })
	return true
}

func (c *chaos) cutOne(d dice) bool {
	victim, found := pick(d, c.all())
	if !found {
		return false
	}
	c.at("connections cut", victim)
	victim.proxy.cutAll()
	return true
}

func (c *chaos) cutEverybody(dice) bool {
	c.at("connections cut", nil)
	for _, victim := range c.all() {
		victim.proxy.cutAll()
	}
	return true
}

func (c *chaos) killPubSub(dice) bool {
	if c.redisIsAway {
		return false
	}
	killed, err := c.keys.client.ClientKillByFilter(c.t.Context(), "TYPE", "pubsub").Result()
	return err == nil && killed > 0
}

func (c *chaos) cutOff(d dice) bool {
	victim, found := pick(d, c.livingMembers())
	length := d.ttls(0.1, 2.5)
	if !found {
		return false
	}
	return c.weatherFor(length, "cut off", victim, func(w *weather) { w.cutOff = true }, func(w *weather) { w.cutOff = false })
}

func (c *chaos) slowDown(d dice) bool {
	victim, found := pick(d, c.all())
	length, latency := d.ttls(0.2, 3), d.ttls(0.003, 0.3)
	if !found {
		return false
	}
	return c.weatherFor(length, "latency", victim, func(w *weather) { w.latency = latency }, func(w *weather) { w.latency = 0 })
}

func (c *chaos) loseHints(d dice) bool {
	everybody := d.IntN(2) == 0
	victim, found := pick(d, c.livingMembers())
	length := d.ttls(0.2, 3)
	if !found {
		return false
	}
	deafen, heal := func(w *weather) { w.losesHints = true }, func(w *weather) { w.losesHints = false }
	if !everybody {
		return c.weatherFor(length, "hints lost", victim, deafen, heal)
	}
	for _, victim := range c.livingMembers() {
		c.weatherFor(length, "hints lost", victim, deafen, heal)
	}
	return true
}

// weatherFor changes the weather of one process for a while.
func (c *chaos) weatherFor(length time.Duration, what string, victim *chaosProcess, begin, end func(*weather)) bool {
	victim.proxy.change(begin)
	if victim.proxy.isCutOff() {
		victim.proxy.cutAll()
	}
	c.during(length, what, victim, func() { victim.proxy.change(end) })
	return true
}

// chaosCalls are those that strikeCall strikes.
var chaosCalls = []call{
	callFetch, callAwait, callTake, callSettle, callAcquire, callRenew, callRelease, callHeartbeat, callSweep, callAnnounce,
}

// strikeCall lets a mishap strike the next such call of one process. Only
// producers announce.
func (c *chaos) strikeCall(d dice, mishap mishap) bool {
	call, _ := pick(d, chaosCalls)
	among := c.livingMembers()
	if call == callAnnounce {
		among = c.producers
	}
	victim, found := pick(d, among)
	lateness := d.ttls(0, 2)
	if !found {
		return false
	}
	fault := newFault(call, mishap)
	fault.lateness = lateness
	victim.proxy.arm(fault)
	c.armed = append(c.armed, fault)
	// It may strike, and strike late, within a few TTLs.
	from := c.now()
	c.troubles.add(trouble{string(call) + " " + string(mishap), victim, span{from, from + lateness + chaosTTL}})
	return true
}

// killRedis: it writes each change to its AOF before it answers, so what it has
// answered survives its death.
func (c *chaos) killRedis(d dice) bool {
	length := d.ttls(0.1, 2)
	if c.redisIsAway {
		return false
	}
	c.redisIsAway = true
	c.server.Kill9()
	c.during(length, "Redis was dead", nil, func() {
		c.server.Launch()
		c.redisIsAway = false
	})
	return true
}

func (c *chaos) freezeRedis(d dice) bool {
	length := d.ttls(0.1, 2)
	if c.redisIsAway {
		return false
	}
	c.redisIsAway = true
	c.server.Freeze()
	c.during(length, "Redis was frozen", nil, func() {
		c.server.Thaw()
		c.redisIsAway = false
	})
	return true
}
