package sim

import (
	"time"

	"github.com/streamlease/streamlease/internal/simnet"
)

// realHit is a fault on its way to a call at adapters depth: it meets one of
// the requests that the call is made of.
type realHit struct {
	*hit
	call *call
	skip int // so many of its requests pass
	half bool
}

func newRealHit(c *call) *realHit {
	return &realHit{hit: c.hit, call: c, skip: int(mix(c.process.number, uint64(c.id), 0x417) % 3), half: c.hit.half}
}

// roleOf is the client over which a call goes.
func roleOf(what Call) string {
	switch what {
	case Acquire, Renew, Leases, Release, Inspect:
		return forLeases
	case Publish:
		return forHints
	default:
		return forSource
	}
}

// meets is the fault that the next parcel of a client meets. A call that has
// ended before its fault came is hit no more.
func (m *realMember) meets(role string) *realHit {
	for i, h := range m.hits {
		switch {
		case h.call.closed:
			m.hits = append(m.hits[:i:i], m.hits[i+1:]...)
			return m.meets(role)
		case roleOf(h.call.what) != role:
			continue
		case h.skip > 0:
			h.skip--
			return nil
		}
		m.hits = append(m.hits[:i:i], m.hits[i+1:]...)
		return h
	}
	return nil
}

// strike is what happens to a parcel that is hit, when it is sent.
func (r *reality) strike(p *process, parcel simnet.Parcel, h *realHit) {
	w := r.world
	w.delivered(p, h.call)
	w.disturbed(p)
	at := w.now + r.way(p)
	switch h.Moment {
	case Before:
		r.strikeBefore(p, parcel, h)
	case Late:
		late := h.call.deadline + h.duration
		w.troubleUntil(late)
		r.carry(p, parcel, max(late, at), h)
		if h.Effect == Crash {
			r.world.at(at, p.crash)
		}
	default:
		r.carry(p, parcel, at, h)
	}
}

func (r *reality) strikeBefore(p *process, parcel simnet.Parcel, h *realHit) {
	w := r.world
	switch h.Effect {
	case Crash:
		p.crash()
	case Freeze:
		p.freeze(h.duration)
		w.at(p.frozenUntil, func() { r.sendOff(parcel) })
	case CutOff:
		r.linkOf(parcel.Conn).silent = true
	case Fail:
		r.reset(r.linkOf(parcel.Conn))
	}
}

// struck is what happens once a parcel that is hit has been carried out.
func (r *reality) struck(p *process, l *link, h *realHit) {
	w := r.world
	w.counts.change(stricken, h.call)
	w.disturbed(p)
	if h.Moment == Late {
		return
	}
	if h.half {
		r.reset(l)
		return
	}
	if h.Moment == After {
		r.flush()
	}
	effect := func() { r.afterEffect(p, l, h) }
	if h.Moment == After {
		w.at(l.heard+time.Microsecond, effect)
		return
	}
	effect()
}

// afterEffect: the server has done it; its reply is on its way, or was read.
func (r *reality) afterEffect(p *process, l *link, h *realHit) {
	switch h.Effect {
	case Crash:
		p.crash()
	case Freeze:
		p.freeze(h.duration)
	case CutOff:
		if h.Moment == After {
			p.cut(true, true, false, h.duration)
			return
		}
		l.silent = true
	case Fail:
		r.reset(l)
	}
}
