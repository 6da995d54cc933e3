package sim

import (
	"fmt"
	"strconv"

	"github.com/streamlease/streamlease/core"
)

// What an adapter has read must be what was there, when nothing changed between
// the call and the answer.

func (r *reality) judgeReading(c *call, event core.Event) {
	records, leases := r.past.recordsChanged < c.sentAt, r.past.leasesChanged < c.sentAt
	switch a := event.(type) {
	case core.PublishAnswered:
		if a.Err == nil {
			r.judgePublished(c)
		}
	case core.DeliveriesAnswered:
		if command := c.command.(core.SendDeliveries); a.Err == nil && records {
			r.judgeDeliveries(c, command, a.Page)
		}
	case core.SweepAnswered:
		for _, swept := range append(a.Page.Due[:len(a.Page.Due):len(a.Page.Due)], a.Page.Round...) {
			if a.Err == nil && records {
				r.judgeSwept(c, swept)
			}
		}
	case core.HeartbeatAnswered:
		if a.Err == nil && records {
			r.judgeFleet(c, a.Fleet)
		}
	case core.LeasesAnswered:
		if a.Err == nil && leases {
			r.judgeLeases(c, c.command.(core.SendLeases), a.Page)
		}
	case core.InspectAnswered:
		for i, name := range c.command.(core.SendInspect).Names {
			if a.Err == nil && a.Results[i].Err == nil {
				r.judgeInspect(c, name, a.Results[i])
			}
		}
	}
}

// judgePublished: every hint has reached a server.
func (r *reality) judgePublished(c *call) {
	for _, hint := range c.command.(core.SendPublish).Hints {
		text := fmt.Sprintf(`"name":"%s"`, hint.Ref.Name)
		switch hint.Kind {
		case core.HintRef:
			text += fmt.Sprintf(`,"id":"%s"`, hint.Ref.MessageID)
		case core.HintGrant:
			text = fmt.Sprintf(`"grant":"%v"`, hint.Grant)
		}
		if !r.past.hasSaid(c.process, c.sentAt, text) {
			r.world.observer.broken(c.process, hint.Ref, 0, "%s is told that it has published %v, and it has not", c.process.label, hint)
		}
	}
}

// judgeDeliveries: a page has what the member was given and has not settled, in
// order, and nothing is left out.
func (r *reality) judgeDeliveries(c *call, command core.SendDeliveries, page core.DeliveryPage) {
	o, at := &r.world.observer, 0
	for _, is := range r.world.source.after(parseMessageID(command.Cursor)) {
		if is.bearer != command.Member.Incarnation || is.settled != 0 || is.malformed {
			continue
		}
		if at == len(page.Deliveries) {
			if page.Next == "" {
				o.broken(c.process, is.assignment.Ref, is.token, "%s is not told that it was given %s", c.process.label, is.assignment.Ref)
			}
			return
		}
		d := page.Deliveries[at]
		if d.Assignment.Ref != is.assignment.Ref || d.Token != is.token || d.Taken != is.ownedBy(command.Member) {
			o.broken(c.process, is.assignment.Ref, is.token, "%s is told of %s with token %d, where %s has token %d",
				c.process.label, d.Assignment.Ref, d.Token, is.assignment.Ref, is.token)
			return
		}
		at++
	}
	if at < len(page.Deliveries) {
		o.broken(c.process, page.Deliveries[at].Assignment.Ref, 0, "%s is told that it was given %s, which it was not",
			c.process.label, page.Deliveries[at].Assignment.Ref)
	}
}

func (r *reality) judgeSwept(c *call, swept core.Swept) {
	o, ref := &r.world.observer, swept.Assignment.Ref
	is := r.world.source.find(ref)
	switch {
	case o.refs[ref] == nil:
	case is == nil:
		o.broken(c.process, ref, 0, "a sweep answers %s, which is gone", ref)
	case is.token != swept.Token || is.taker.Incarnation != swept.Taker || swept.Settled != (is.settled != 0):
		o.broken(c.process, ref, is.token, "a sweep answers %s with token %d of %q, settled: %v; on record are %d of %q, %v",
			ref, swept.Token, swept.Taker, swept.Settled, is.token, is.taker.Incarnation, is.settled)
	}
}

func (r *reality) judgeFleet(c *call, fleet core.Fleet) {
	o, s := &r.world.observer, r.world.source
	var owned, waits int64
	for _, is := range s.records {
		if is.ownedBy(c.process.member) {
			owned++
		}
		if !s.isDelivered(is) && is.bearer == "" { // claimed by its ref it is somebody's
			waits++
		}
	}
	switch {
	case fleet.Taken.Count != owned:
		o.broken(c.process, core.StreamRef{}, 0, "%s is told that it has taken %d assignments, and has %d", c.process.label, fleet.Taken.Count, owned)
	case fleet.Backlog != waits && !r.world.recordsLost: // else there are some in nobody's pending list
		o.broken(c.process, core.StreamRef{}, 0, "%s is told that %d assignments wait, and %d do", c.process.label, fleet.Backlog, waits)
	}
}

// judgeLeases: a page has the leases of a grant that lives, by token, from the
// cursor on.
func (r *reality) judgeLeases(c *call, command core.SendLeases, page core.LeasePage) {
	o, server := &r.world.observer, r.world.leases.servers[0]
	g := server.grants[command.Grant]
	if r.world.setup.Lease != Session || g == nil || g.deadline <= server.time() {
		return
	}
	cursor, _ := strconv.ParseInt(command.Cursor, 10, 64)
	at := 0
	for _, l := range g.leases {
		switch {
		case l.token <= core.Token(cursor):
			continue
		case at == len(page.Leases) && page.Next != "":
			return
		case at == len(page.Leases) || page.Leases[at] != l.terms():
			o.broken(c.process, l.ref, l.token, "a page of a session leaves out the lease on %s with token %d", l.ref.Name, l.token)
			return
		}
		at++
	}
	if at < len(page.Leases) || page.Expired {
		o.broken(c.process, core.StreamRef{}, 0, "a page of a session that lives has leases that it does not have, or says that it is over")
	}
}

func (r *reality) judgeInspect(c *call, name string, result core.InspectResult) {
	o, l := &r.world.observer, r.world.leases.holderOf(name)
	switch {
	case result.Held && !r.wasLocked(name, c.sentAt):
		o.broken(c.process, core.StreamRef{Name: name}, 0, "%s is told that %s is held, and it is free", c.process.label, name)
	case !result.Held && l != nil && r.past.kept(name, c.sentAt):
		o.broken(c.process, l.ref, l.token, "%s is told that %s is free, and it is held", c.process.label, name)
	case result.Held && l != nil && r.past.kept(name, c.sentAt) && l.token != 0 && result.Holder.Lease.Token != 0 &&
		len(r.world.leases.servers) == 1 && result.Holder.Lease != l.terms():
		o.broken(c.process, l.ref, l.token, "%s is told that token %d holds %s, and it is %d", c.process.label, result.Holder.Lease.Token, name, l.token)
	}
}
