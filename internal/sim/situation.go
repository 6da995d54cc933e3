package sim

import (
	"errors"

	"github.com/streamlease/streamlease/core"
)

// Situation is something that a campaign must have gone through.
type Situation uint8

// The situations.
const (
	ZombieWriteRefused Situation = iota
	ZombieSettlementRefused
	LateDoneRefused
	SweepTookOver
	HintTookOver
	ReplyLostAfterTake
	ReplyLostAfterAcquire
	ReplyLostAfterSettle
	ReplyLostAfterFetch
	ReplyLostAfterRelease
	LateTakeRefused
	LateAcquireExecuted
	RenewedInTheLastTenth
	SelfFenced
	FencedWhileSettling
	TakenTooLate
	BothAuditsAtOnce
	LeaseAudited
	SourceAudited
	OpeningUnknown
	LeaseMissed
	OvertakenAtTheSource
	WaitedForName
	CrashCounted
	CrashForgiven
	RetryTimeMet
	QuarantinedForFailures
	ReadBackAFetch
	EstateLookedAt
	TwoBelievedOneEffective
	ClosedWithStreams
	SuspectRefused
	DroppedFromItsOwner
	ClaimedWhatExpired
	situations
)

var situationNames = [situations]string{
	"zombie write refused", "zombie settlement refused", "late Done refused", "hint lost, sweep took over",
	"taken over after a hint", "reply lost after Take", "reply lost after Acquire", "reply lost after Settle",
	"reply lost after Fetch", "reply lost after Release", "late Take refused", "late Acquire executed",
	"renewed in the last tenth", "self-fenced", "fenced while settling", "taken too late, handed off untold",
	"both audits under way at once", "session audited", "source audited", "opening of a grant unknown",
	"lease missing at the store", "overtaken at the source", "waited for a name", "crash counted",
	"suspect settled late", "retry time met", "quarantined for failures", "fetch read back", "estate looked at",
	"two believed, one effective", "closed with streams", "suspect refused", "assignment dropped from its owner",
	"expired stream claimed by an application",
}

// String says what happened.
func (s Situation) String() string { return situationNames[s] }

// Situations lists all of them.
func Situations() []Situation {
	var all []Situation
	for s := range situations {
		all = append(all, s)
	}
	return all
}

func (w *World) met(s Situation) { w.counts.situations[s]++ }

// observeSituations looks at what a call did to the stores.
func (w *World) observeSituations(p *process, c *call, command core.Command, event core.Event) {
	lost := c.hit != nil && c.hit.Moment == Applied && (c.hit.Effect == CutOff || c.hit.Effect == Fail)
	switch command := command.(type) {
	case core.SendTake:
		w.metIf(lost, ReplyLostAfterTake)
		w.metTakes(c, event.(core.TakeAnswered))
	case core.SendAcquire:
		w.metIf(lost, ReplyLostAfterAcquire)
		w.metIf(lost && len(command.Requests) > 0 && command.Requests[0].Open && w.setup.Lease == Session, OpeningUnknown)
		w.metAcquires(c, event.(core.AcquireAnswered))
	case core.SendSettle:
		w.metIf(lost, ReplyLostAfterSettle)
		w.metSettles(p, command, event.(core.SettleAnswered))
	case core.SendFetch:
		w.metIf(lost && len(event.(core.FetchAnswered).Fetched.Assignments) > 0, ReplyLostAfterFetch)
	case core.SendRelease:
		w.metIf(lost, ReplyLostAfterRelease)
	case core.SendDeliveries:
		w.metIf(command.Reason == core.ReasonReadBack, ReadBackAFetch)
		w.metIf(command.Reason == core.ReasonEstate, EstateLookedAt)
		w.metIf(command.Reason == core.ReasonAudit, SourceAudited)
		w.metIf(command.Reason == core.ReasonAudit && p.asks(Leases, core.ReasonAudit), BothAuditsAtOnce)
	case core.SendLeases:
		w.metIf(command.Reason == core.ReasonAudit, LeaseAudited)
		w.metIf(command.Reason == core.ReasonAudit && p.asks(Deliveries, core.ReasonAudit), BothAuditsAtOnce)
	case core.SendRenew:
		w.metRenewal(p, command)
	}
}

func (w *World) metIf(happened bool, s Situation) {
	if happened {
		w.met(s)
	}
}

// asks: a call of that kind, for that reason, is under way.
func (p *process) asks(what Call, why core.Reason) bool {
	for _, c := range p.open {
		if c.what == what && c.command.(core.PortCall).Head().Reason == why {
			return true
		}
	}
	return false
}

func (w *World) metTakes(c *call, a core.TakeAnswered) {
	for i := range a.Results {
		err := a.Results[i].Err
		w.metIf(err != nil && c.late, LateTakeRefused)
		w.metIf(errors.Is(err, core.ErrNotYet), RetryTimeMet)
		w.metIf(err == nil && a.Results[i].Crashes > 0, CrashCounted)
		w.metIf(errors.Is(err, core.ErrSuspect), SuspectRefused)
	}
}

func (w *World) metAcquires(c *call, a core.AcquireAnswered) {
	for i := range a.Results {
		w.metIf(a.Results[i].Err == nil && c.late, LateAcquireExecuted)
	}
}

func (w *World) metSettles(p *process, command core.SendSettle, a core.SettleAnswered) {
	for i := range a.Results {
		err := a.Results[i].Err
		s := &command.Settlements[i]
		untold := a.Results[i].Changed && command.Reason == core.ReasonValidityOver && p.belief.find(s.Ref, s.Token) == nil
		w.metIf(untold && !p.settledByApplication(s.Ref, s.Token), TakenTooLate)
		w.metIf(errors.Is(err, core.ErrDisowned), ZombieSettlementRefused)
		quarantined := err == nil && a.Results[i].Changed && command.Settlements[i].Outcome == core.Quarantined
		w.metIf(quarantined && command.Settlements[i].Reason[0] == 'f', QuarantinedForFailures)
	}
}

func (w *World) metRenewal(p *process, command core.SendRenew) {
	for _, id := range command.Grants {
		left := p.belief.localUntil(id) - p.time()
		w.metIf(left > 0 && left < w.setup.TTL/10, RenewedInTheLastTenth)
	}
}

// metBegin looks at how a tenure began.
func (w *World) metBegin(b *book, why core.Reason) {
	w.metIf(why == core.ReasonFound && b.hintLost, SweepTookOver)
	w.metIf(why == core.ReasonFound && b.hinted, HintTookOver)
	w.metIf(b.waited, WaitedForName)
	b.hintLost, b.hinted = false, false
}

// metHints notes which assignments hints are about: those that reached a member,
// and those that did not.
func (o *observer) metHints(hints []core.Hint, lost bool) {
	for _, h := range hints {
		switch h.Kind {
		case core.HintRef:
			o.refs[h.Ref].hear(lost)
		case core.HintGrant:
			for _, server := range o.world.leases.servers {
				if g := server.grants[h.Grant]; g != nil && g.lost {
					for _, l := range g.leases {
						o.refs[l.ref].hear(lost)
					}
				}
			}
		}
	}
}

// hear: as long as no member has heard, the hint is lost.
func (b *book) hear(lost bool) {
	if b == nil {
		return
	}
	b.hinted = b.hinted || !lost
	b.hintLost = lost && !b.hinted
}

// metEnd looks at how a tenure ended.
func (w *World) metEnd(p *process, t *tenure, why core.Reason) {
	switch why {
	case core.ReasonValidityOver:
		w.met(SelfFenced)
		w.metIf(t.asked, FencedWhileSettling)
	case core.ReasonLeaseMissing:
		w.met(LeaseMissed)
	case core.ReasonOvertaken:
		w.met(OvertakenAtTheSource)
	case core.ReasonClosing:
		w.met(ClosedWithStreams)
	}
}
