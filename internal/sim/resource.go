package sim

import "github.com/streamlease/streamlease/core"

// resource is what the streams are for: something outside that remembers, for
// each name, the highest token it has seen, and refuses lower ones.
type resource struct {
	highest map[string]effect
}

type effect struct {
	token core.Token
	ref   core.StreamRef
	by    *process
}

// write is one write of an application. Two tenures with one token would both
// be let through: that is what makes a fence leak.
func (r *resource) write(p *process, j *job) {
	w := p.world
	defer w.positions.save(p, j)
	if r.highest == nil {
		r.highest = make(map[string]effect)
	}
	last := r.highest[j.ref.Name]
	late := j.token < last.token && (!w.tokensLost || last.ref == j.ref && !w.recordsLost)
	if late && w.options.Ablation.WritesNotFenced {
		w.observer.violated(Effect1, p, j.ref, j.token, "a write with token %d took effect after one with %d", j.token, last.token)
		p.note(Event{Kind: Corrupted, Ref: j.ref, Token: j.token})
		return
	}
	if late {
		w.counts.zombies++
		w.met(ZombieWriteRefused)
		w.metIf(p.believes(j.ref, j.token), TwoBelievedOneEffective)
		p.note(Event{Kind: Fenced, Ref: j.ref, Token: j.token})
		return
	}
	w.observer.checked(Effect1, last.token != 0 && last.by != p)
	if w.tokensLost && (last.ref != j.ref || w.recordsLost) {
		// Another assignment of the name knows of no floor: when the lease store
		// loses its counter, and its clock is of no help, nothing orders the two.
		last = effect{}
	}
	if j.token == last.token && last.by != p {
		w.observer.violated(Effect1, p, j.ref, j.token, "two members write with one token")
	}
	r.highest[j.ref.Name] = effect{token: j.token, ref: j.ref, by: p}
	p.note(Event{Kind: Wrote, Ref: j.ref, Token: j.token})
}
