package history

import "github.com/streamlease/streamlease/ports"

// store is what a lease store knows of one name.
type store struct {
	held  bool
	lease Lease // its token is 0 where nobody was told of it
	// top is the highest token that was answered.
	top ports.Token
}

// after lists what the store may know after a call, if it can give its answer
// at all.
func (s store) after(call Call) []store {
	switch call.Kind {
	case Acquire:
		return s.afterAcquire(call)
	case Release:
		return s.afterRelease(call)
	default:
		return s.afterInspect(call)
	}
}

func (s store) afterAcquire(call Call) []store {
	switch {
	case call.Answer == No:
		return s.seen(call.Holder)
	case call.Answer == Yes && !s.held && call.Lease.Token > max(s.top, call.Floor):
		return []store{{held: true, lease: call.Lease, top: call.Lease.Token}}
	case call.Answer == Yes:
		return nil
	case s.held:
		return []store{s}
	default:
		return []store{s, {held: true, lease: Lease{Grant: call.Lease.Grant}, top: s.top}}
	}
}

func (s store) afterRelease(call Call) []store {
	free := store{top: max(s.top, call.Lease.Token)}
	switch is := s.is(call.Lease); {
	case call.Answer == Yes && is:
		return []store{free}
	case call.Answer == Yes:
		return nil
	case call.Answer == No && is && s.lease.Token != 0:
		return nil
	case call.Answer == Unknown && is:
		return []store{s, free}
	default:
		return []store{s}
	}
}

func (s store) afterInspect(call Call) []store {
	switch {
	case call.Answer == Yes:
		return s.seen(call.Holder)
	case call.Answer == No && s.held:
		return nil
	default:
		return []store{s}
	}
}

// seen is the store after somebody was told who holds the name.
func (s store) seen(holder Lease) []store {
	if !s.held {
		return nil
	}
	if holder == (Lease{}) {
		return []store{s}
	}
	if !s.is(holder) {
		return nil
	}
	s.lease.Token, s.top = holder.Token, max(s.top, holder.Token)
	return []store{s}
}

// is reports whether the name is held by this lease, or by one that may be it.
func (s store) is(lease Lease) bool {
	if !s.held || s.lease.Grant != lease.Grant {
		return false
	}
	return s.lease.Token == lease.Token || s.lease.Token == 0 && lease.Token > s.top
}
