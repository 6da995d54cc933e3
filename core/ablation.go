package core

// Ablation turns rules off, one at a time, so that the simulator can show that
// it would notice: a simulator that cannot fail proves nothing. It is for the
// simulator alone; a test sees to it that nobody else mentions it. The zero
// value is safe, each field makes the machine wrong.
type Ablation struct {
	// NoSelfFencing: a grant is believed in until the store says otherwise.
	NoSelfFencing bool
	// NoMargin: local validity lasts as long as the TTL.
	NoMargin bool
	// ValidityFromReply: validity counts from the answer, not from the call.
	ValidityFromReply bool
	// LateTakeBegins: a Take that is answered too late begins a tenure.
	LateTakeBegins bool
	// GrantUsedAgain: a grant that was fenced goes on to be renewed and used.
	GrantUsedAgain bool
	// TakeBeforeAcquire: the source records a tenure before the name is leased.
	TakeBeforeAcquire bool
	// BeginBeforeTake: the application is told before the source was asked.
	BeginBeforeTake bool
	// ReleaseBeforeSettle: the lease goes when its tenure begins to end.
	ReleaseBeforeSettle bool
	// UnknownSettleIsDone: a settlement of unknown outcome counts as made.
	UnknownSettleIsDone bool
	// UnknownTakeIsNo: a Take of unknown outcome counts as refused.
	UnknownTakeIsNo bool
	// UnknownAcquireIsNo: an Acquire of unknown outcome counts as refused.
	UnknownAcquireIsNo bool
	// DisownedIsDone: a settlement that was refused counts as made.
	DisownedIsDone bool
	// NoLateSettlement: who lost a stream does not settle its tenure.
	NoLateSettlement bool
	// NoFloor: Acquire does not name the floor.
	NoFloor bool
	// NoLeaseAudit: numbers that differ at the lease store are not looked into.
	NoLeaseAudit bool
	// ChangeNotCompared: the audit of the lease store compares counts only.
	ChangeNotCompared bool
	// NoSourceAudit: numbers that differ at the source are not looked into.
	NoSourceAudit bool
	// NoSweep: nobody looks for what has no owner.
	NoSweep bool
	// GapIgnored: the word that hints may be missing is not heard.
	GapIgnored bool
	// LostGrantIgnored: the word that a grant is lost is not heard.
	LostGrantIgnored bool
	// NameNotPublished: nobody is told that a name is free.
	NameNotPublished bool
	// WordLost: a name that was freed while an Acquire was out is forgotten.
	WordLost bool
	// RoomNotKept: MaxStreams does not bound what is acquired.
	RoomNotKept bool
	// LossNotTold: the application does not hear StreamDisowned.
	LossNotTold bool
	// ReceptionAfterAlarms: what the application received counts after the
	// alarms that are due by then.
	ReceptionAfterAlarms bool
}

// takeFirst sends the Take of an entry that has no lease yet, with the lowest
// token that the source may accept. It reports whether it did.
func (m *Machine) takeFirst(e *entry) bool {
	if !m.config.Ablation.TakeBeforeAcquire || e.tried {
		return false
	}
	e.token = e.floor + 1
	m.setPhase(e, leased)
	m.takes.push(e)
	return true
}

// tookFirst goes on to Acquire after such a Take, whatever came of it.
func (m *Machine) tookFirst(e *entry, result TakeResult) bool {
	if e.grant != nil || !m.config.Ablation.TakeBeforeAcquire {
		return false
	}
	e.floor = max(e.floor, e.token, result.Remembered)
	m.setPhase(e, queued)
	m.acquisitions.push(e)
	return true
}
