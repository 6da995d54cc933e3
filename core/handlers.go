package core

import "fmt"

// handlers are those of an application that runs one for each stream it hears
// of (Config.Handlers), from the moment at which it received StreamAdded until
// HandlerReturned.
//
// One whose tenure is over may go on all the same: it lingers. It keeps its
// room, and its stream, begun once more beside it, would be worked on twice in
// one process: so the name is left to the others until it has returned.
type handlers struct {
	tenures   map[string]*entry // by name; nil: the tenure is over, and the handler lingers
	lingering int
}

// handlerBegan: the application has heard of the tenure.
func (m *Machine) handlerBegan(ref StreamRef) {
	if _, runs := m.handlers.tenures[ref.Name]; runs || !m.config.Handlers {
		return
	}
	e := m.find(ref)
	m.handlers.tenures[ref.Name] = e
	if e == nil || !e.occupies() {
		m.handlers.tenures[ref.Name] = nil
		m.handlers.lingering++
	}
}

// handlerReturned lets this member have the stream again, if it is free still.
func (m *Machine) handlerReturned(name string) {
	e, ran := m.handlers.tenures[name]
	if !ran {
		return
	}
	delete(m.handlers.tenures, name)
	if e == nil {
		m.handlers.lingering--
	}
	for left := m.names[name]; left != nil; left = left.next {
		left.left = false
	}
	m.nameFree(name)
}

// tenureLeft: the entry takes no room any more, unless a handler goes on for it.
func (m *Machine) tenureLeft(e *entry) {
	if of, runs := m.handlers.tenures[e.ref.Name]; runs && of == e {
		m.handlers.tenures[e.ref.Name] = nil
		m.handlers.lingering++
	}
}

// lingers: a handler of the name goes on although its tenure is over.
func (m *Machine) lingers(name string) bool {
	e, runs := m.handlers.tenures[name]
	return runs && e == nil
}

// leaveToOthers waits for the handler's return, and meanwhile lets the others
// have the stream. They are told once: this member hears its own word, too.
func (m *Machine) leaveToOthers(e *entry) {
	m.failClaims(e, fmt.Errorf("%w: an earlier handler of %q has not returned in this process", ErrHeld, e.ref.Name))
	if !e.left && !e.unwanted {
		e.left = true
		m.publish(Hint{Kind: HintRef, Ref: e.ref, Giver: m.config.Member.Incarnation})
	}
	m.await(e)
}
