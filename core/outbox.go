package core

// outbox holds what the application has not received yet. One notification
// waits per stream at most; how a new one and a waiting one combine is the
// notification table of the package comment, and this file is its only code.
type outbox struct {
	notices map[StreamRef]*notice
	order   queue[StreamRef]
	// terminated is the last notification there will be.
	terminated *Notification
}

// notice is what waits for one stream. Disowned comes before Added, since
// they can only wait together when the tenure that ended was an earlier one.
type notice struct {
	disowned []Notification // several, when tenures between them were told by a Claim's Reply
	added    *Notification
	expired  *Notification
}

func (n *notice) empty() bool { return len(n.disowned) == 0 && n.added == nil && n.expired == nil }

func (o *outbox) notice(ref StreamRef) *notice {
	if n, ok := o.notices[ref]; ok {
		return n
	}
	if o.notices == nil {
		o.notices = make(map[StreamRef]*notice)
	}
	n := &notice{}
	o.notices[ref] = n
	o.order.push(ref)
	return n
}

// add notes that a tenure began.
func (o *outbox) add(ref StreamRef, token Token, info Info) {
	n := o.notice(ref)
	n.expired = nil
	n.added = &Notification{Kind: StreamAdded, Ref: ref, Token: token, Info: info}
}

// disown notes that the tenure was lost. If the application has not received
// its beginning it hears of neither.
func (o *outbox) disown(ref StreamRef, token Token, cause error) {
	n := o.notice(ref)
	n.expired = nil
	if n.added != nil {
		n.added = nil
		return
	}
	n.disowned = append(n.disowned, Notification{Kind: StreamDisowned, Ref: ref, Token: token, Err: cause})
}

// expire notes that nobody owns the stream. Whoever has yet to hear that it
// lost the stream hears this too: the loss may be old, and has been others' since.
func (o *outbox) expire(ref StreamRef, info Info) {
	n := o.notice(ref)
	if n.added == nil {
		n.expired = &Notification{Kind: StreamExpired, Ref: ref, Info: info}
	}
}

// owned notes that somebody is known to own the stream, to have finished it, or
// to go after it: what was said of its expiry need not be heard any more.
func (o *outbox) owned(ref StreamRef) {
	if n, ok := o.notices[ref]; ok {
		n.expired = nil
	}
}

// unadd takes back the beginning of a tenure that the application learns, or
// ended, in another way. It returns what was still waiting, or nil.
func (o *outbox) unadd(ref StreamRef) *Notification {
	n, ok := o.notices[ref]
	if !ok {
		return nil
	}
	added := n.added
	n.added = nil
	return added
}

// head is what the application should receive next.
func (o *outbox) head() (Notification, bool) {
	for {
		ref, ok := o.order.peek()
		if !ok {
			break
		}
		n := o.notices[ref]
		switch {
		case len(n.disowned) > 0:
			return n.disowned[0], true
		case n.added != nil:
			return *n.added, true
		case n.expired != nil:
			return *n.expired, true
		}
		o.order.pop()
		delete(o.notices, ref)
	}
	if o.terminated != nil {
		return *o.terminated, true
	}
	return Notification{}, false
}

// received notes that the application received the head.
func (o *outbox) received() {
	head, ok := o.head()
	if !ok {
		return
	}
	if head.Kind == StreamTerminated {
		o.terminated = nil
		return
	}
	n := o.notices[head.Ref]
	switch head.Kind {
	case StreamDisowned:
		n.disowned = n.disowned[1:]
	case StreamAdded:
		n.added = nil
	case StreamExpired:
		n.expired = nil
	}
	if n.empty() {
		o.order.pop()
		delete(o.notices, head.Ref)
	}
}
