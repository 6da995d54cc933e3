package sim

// Rule is a safety rule that can be turned off.
type Rule struct {
	Name string
	// Sentence says what is wrong without it.
	Sentence string
	Off      func(*Ablation)
}

// Rules lists the safety rules that the simulator must miss when they are off.
func Rules() []Rule {
	return []Rule{
		{"no-self-fencing", "a grant is believed in until the store says otherwise", func(a *Ablation) { a.Core.NoSelfFencing = true }},
		{"no-margin", "local validity lasts as long as the TTL, whatever the clocks' rates", func(a *Ablation) { a.Core.NoMargin = true }},
		{"validity-from-reply", "validity counts from the answer, not from the call", func(a *Ablation) { a.Core.ValidityFromReply = true }},
		{"late-take-begins", "a Take that is answered too late begins a tenure", func(a *Ablation) { a.Core.LateTakeBegins = true }},
		{"grant-used-again", "a grant that was fenced goes on to be used, and the store opens any grant again", func(a *Ablation) { a.Core.GrantUsedAgain, a.UnknownGrantOpened = true, true }},
		{"take-before-acquire", "the source records a tenure before the name is leased", func(a *Ablation) { a.Core.TakeBeforeAcquire = true }},
		{"begin-before-take", "the application is told before the source was asked", func(a *Ablation) { a.Core.BeginBeforeTake = true }},
		{"release-before-settle", "the lease goes when its tenure begins to end", func(a *Ablation) { a.Core.ReleaseBeforeSettle = true }},
		{"unknown-settle-is-done", "a settlement of unknown outcome counts as made", func(a *Ablation) { a.Core.UnknownSettleIsDone = true }},
		{"unknown-take-is-no", "a Take of unknown outcome counts as refused", func(a *Ablation) { a.Core.UnknownTakeIsNo = true }},
		{"unknown-acquire-is-no", "an Acquire of unknown outcome counts as refused", func(a *Ablation) { a.Core.UnknownAcquireIsNo = true }},
		{"disowned-is-done", "a settlement that was refused counts as made", func(a *Ablation) { a.Core.DisownedIsDone = true }},
		{"no-late-settlement", "who lost a stream does not settle its tenure", func(a *Ablation) { a.Core.NoLateSettlement = true }},
		{"no-floor", "Acquire does not name the floor that a token must exceed", func(a *Ablation) { a.Core.NoFloor = true }},
		{"no-lease-audit", "numbers that differ at the lease store are not looked into", func(a *Ablation) { a.Core.NoLeaseAudit = true }},
		{"change-not-compared", "the audit of the lease store compares counts only", func(a *Ablation) { a.Core.ChangeNotCompared = true }},
		{"no-source-audit", "numbers that differ at the source are not looked into", func(a *Ablation) { a.Core.NoSourceAudit = true }},
		{"no-sweep", "nobody looks for what has no owner", func(a *Ablation) { a.Core.NoSweep = true }},
		{"gap-ignored", "the word that hints may be missing is not heard", func(a *Ablation) { a.Core.GapIgnored = true }},
		{"lost-grant-ignored", "the word that a grant is lost is not heard", func(a *Ablation) { a.Core.LostGrantIgnored = true }},
		{"name-not-published", "nobody is told that a name is free", func(a *Ablation) { a.Core.NameNotPublished = true }},
		{"word-lost", "a name that was freed while an Acquire was out is forgotten", func(a *Ablation) { a.Core.WordLost = true }},
		{"room-not-kept", "MaxStreams does not bound what is acquired", func(a *Ablation) { a.Core.RoomNotKept = true }},
		{"loss-not-told", "the application does not hear StreamDisowned", func(a *Ablation) { a.Core.LossNotTold = true }},
		{"reception-after-alarms", "what the application received counts after the alarms that are due by then", func(a *Ablation) { a.Core.ReceptionAfterAlarms = true }},
		{"token-not-compared", "Take accepts a lower token than one that took it", func(a *Ablation) { a.TokenNotCompared = true }},
		{"same-token-of-another", "Take accepts the same token from another taker", func(a *Ablation) { a.SameTokenOfAnotherTaker = true }},
		{"done-not-fenced", "Done takes effect whatever its token", func(a *Ablation) { a.DoneNotFenced = true }},
		{"retry-time-not-kept", "Take does not look at the retry time", func(a *Ablation) { a.RetryTimeNotKept = true }},
		{"acquire-does-not-extend", "a lease joins its grant and does not extend it", func(a *Ablation) { a.AcquireDoesNotExtend = true }},
		{"release-by-name", "Release does not look at the token", func(a *Ablation) { a.ReleaseByName = true }},
		{"held-not-checked", "Acquire does not look whether the name is held", func(a *Ablation) { a.HeldNotChecked = true }},
	}
}
