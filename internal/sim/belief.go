package sim

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// belief is what a member may believe by the contract, from the answers that
// reached it: sent + TTL - margin, on its own clock. The observer reckons it
// by itself, whatever the machine makes of the answers.
type belief struct {
	grants   []held
	named    map[string]core.GrantID
	tenures  []*tenure     // live ones, and those whose end the application has not heard
	earliest time.Duration // when the first live tenure's validity ends, by the member's clock
}

type held struct {
	id    core.GrantID
	until time.Duration // by the member's clock
}

const notYet = time.Duration(1<<62 - 1)

func (b *belief) of(name string) core.GrantID { return b.named[name] }

func (b *belief) localUntil(id core.GrantID) time.Duration {
	for i := range b.grants {
		if b.grants[i].id == id {
			return b.grants[i].until
		}
	}
	return 0
}

// knows: the member was told that the grant is open.
func (b *belief) knows(id core.GrantID) bool {
	return slices.ContainsFunc(b.grants, func(h held) bool { return h.id == id })
}

// until is the true instant at which the member stops believing.
func (b *belief) until(p *process, id core.GrantID) time.Duration {
	local := b.localUntil(id)
	if local <= p.time() {
		return 0
	}
	return p.clock.when(local, p.world.now)
}

// answer takes in what an answer lets the member believe.
func (b *belief) answer(p *process, c *call, event core.Event) {
	switch answer := event.(type) {
	case core.AcquireAnswered:
		requests := c.command.(core.SendAcquire).Requests
		for i := range answer.Results {
			if answer.Results[i].Err == nil {
				if b.named == nil {
					b.named = make(map[string]core.GrantID)
				}
				b.named[requests[i].Ref.Name] = requests[i].Grant
				b.extend(p, requests[i].Grant, answer.Sent)
			}
		}
	case core.RenewAnswered:
		grants := c.command.(core.SendRenew).Grants
		for i := range answer.Results {
			if answer.Results[i].Err == nil {
				b.extend(p, grants[i], answer.Sent)
			}
		}
	default:
		return
	}
	b.refresh()
}

// extend moves the end of what the member may believe, unless it has passed:
// then the grant is dead to it for ever.
func (b *belief) extend(p *process, id core.GrantID, sent time.Duration) {
	until := sent + p.config.TTL - p.config.Margin
	now := p.time()
	b.grants = slices.DeleteFunc(b.grants, func(h held) bool { return h.until+10*p.config.TTL < now })
	for i := range b.grants {
		h := &b.grants[i]
		if h.id == id {
			if h.until > now {
				h.until = max(h.until, until)
				p.world.observer.renewed(p, h)
			}
			return
		}
	}
	b.grants = append(b.grants, held{id: id, until: until})
	p.world.observer.renewed(p, &b.grants[len(b.grants)-1])
}

func (b *belief) find(ref core.StreamRef, token core.Token) *tenure {
	for _, t := range b.tenures {
		if t.token == token && t.ref == ref {
			return t
		}
	}
	return nil
}

func (b *belief) drop(t *tenure) {
	b.tenures = slices.DeleteFunc(b.tenures, func(other *tenure) bool { return other == t })
}

// refresh finds the first end of a validity again.
func (b *belief) refresh() {
	b.earliest = notYet
	var last core.GrantID
	var until time.Duration
	for _, t := range b.tenures {
		if !t.live {
			continue
		}
		if t.grant != last || until == 0 {
			last, until = t.grant, b.localUntil(t.grant)
		}
		b.earliest = min(b.earliest, until)
	}
}

// believes: the member has a live tenure with the token.
func (p *process) believes(ref core.StreamRef, token core.Token) bool {
	t := p.belief.find(ref, token)
	return t != nil && t.live
}
