package core

// finishedLimit is how many finished assignments a machine remembers, so that
// late hints about them cost nothing, and a source that lost a Done is told
// again. The source is what keeps S5.
const finishedLimit = 4096

// finished is the set of assignments that this member finished last.
type finished struct {
	refs  map[StreamRef]struct{}
	order []StreamRef
	next  int
}

func (f *finished) has(ref StreamRef) bool {
	_, ok := f.refs[ref]
	return ok
}

func (f *finished) add(ref StreamRef) {
	if f.has(ref) {
		return
	}
	if f.refs == nil {
		f.refs = make(map[StreamRef]struct{})
	}
	f.refs[ref] = struct{}{}
	if len(f.order) < finishedLimit {
		f.order = append(f.order, ref)
		return
	}
	delete(f.refs, f.order[f.next])
	f.order[f.next] = ref
	f.next = (f.next + 1) % finishedLimit
}
