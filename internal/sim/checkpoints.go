package sim

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// checkpoints are the positions that the applications keep: how often the
// resource was written to for an assignment. A zombie writes, and saves, like
// anybody else. The store is out of the faults' reach, so that what it answers
// follows from what members ask, and the observer knows what that must be.
type checkpoints struct {
	world *World
	store *memory.Checkpoints
	truth map[core.StreamRef]*checkpointBook
}

// checkpointBook is what must be true of one checkpoint.
type checkpointBook struct {
	token    core.Token // the highest that loaded or saved
	saves    int64      // with that token
	position int        // accepted last
}

func newCheckpoints(w *World) *checkpoints {
	c := &checkpoints{world: w, truth: make(map[core.StreamRef]*checkpointBook)}
	store, err := memory.NewCheckpoints(memory.Config{Now: func() time.Time { return time.Unix(0, int64(w.now)) }})
	if err != nil {
		panic(err) // it has no configuration
	}
	c.store = store
	return c
}

// load is the beginning of a tenure: it goes on where the last one stopped.
func (c *checkpoints) load(p *process, j *job) {
	results, err := c.store.Load(context.Background(), []ports.LoadRequest{{Ref: j.ref, Token: j.token}})
	if err != nil {
		panic(err) // its context does not end
	}
	if !c.expected(p, j, "Load", results[0].Err) {
		return
	}
	b := c.book(j)
	position, _ := strconv.Atoi(results[0].Position) // empty: 0
	if position != b.position {
		c.world.observer.violated(S4, p, j.ref, j.token, "%s goes on at position %d, and %d was saved last", j.ref, position, b.position)
	}
	if position > 0 {
		p.note(Event{Kind: Resumed, Ref: j.ref, Token: j.token, Cause: results[0].Position})
	}
}

// save follows a write. An older tenure's changes nothing, which the next load
// and the next save show.
func (c *checkpoints) save(p *process, j *job) {
	b := c.book(j)
	number, position := int64(1), b.position+1
	if j.token == b.token {
		number = b.saves + 1
	}
	results, err := c.store.Save(context.Background(), []ports.SaveRequest{{
		Ref: j.ref, Token: j.token, Number: number, Position: strconv.Itoa(position),
	}})
	if err != nil {
		panic(err) // its context does not end
	}
	if !c.expected(p, j, "Save", results[0].Err) {
		p.note(Event{Kind: SaveRefused, Ref: j.ref, Token: j.token, Cause: strconv.Itoa(position)})
		return
	}
	b.saves, b.position = number, position
}

func (c *checkpoints) book(j *job) *checkpointBook {
	b := c.truth[j.ref]
	if b == nil {
		b = &checkpointBook{}
		c.truth[j.ref] = b
	}
	return b
}

// expected compares an answer with the truth, and reports whether it was a
// success: an older tenure is refused, and whoever the source has on record is
// not, also when somebody has finished the checkpoint and died before he
// settled.
func (c *checkpoints) expected(p *process, j *job, what string, err error) bool {
	o, b := &c.world.observer, c.book(j)
	on := o.refs[j.ref]
	rightful := on != nil && on.taken && on.token == j.token && on.taker == p
	isRefusal := errors.Is(err, core.ErrDisowned) || errors.Is(err, core.ErrDone)
	switch {
	case err != nil && !isRefusal:
		o.violated(S4, p, j.ref, j.token, "%s: %v", what, err)
	case err == nil && j.token < b.token:
		o.violated(S4, p, j.ref, j.token, "a %s with token %d succeeded after one with %d", what, j.token, b.token)
	case err != nil && rightful && c.world.lostAt == 0 && !c.world.recordsLost && !c.world.tokensLost:
		o.violated(S4, p, j.ref, j.token, "a %s of the tenure on record was refused: %v", what, err)
	}
	if err != nil {
		c.world.counts.zombieSaves++
		return false
	}
	if j.token > b.token {
		b.token, b.saves = j.token, 0
	}
	return true
}
