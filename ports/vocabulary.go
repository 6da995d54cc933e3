package ports

import "github.com/streamlease/streamlease/core"

// The words of the contracts. They are declared in core and explained there.
type (
	StreamRef   = core.StreamRef
	Info        = core.Info
	Assignment  = core.Assignment
	Token       = core.Token
	Member      = core.Member
	Tally       = core.Tally
	Beat        = core.Beat
	Fleet       = core.Fleet
	FleetMember = core.FleetMember

	Fetched        = core.Fetched
	Delivery       = core.Delivery
	DeliveryPage   = core.DeliveryPage
	TakeRequest    = core.TakeRequest
	TakeResult     = core.TakeResult
	Outcome        = core.Outcome
	Settlement     = core.Settlement
	SettleResult   = core.SettleResult
	SweepRequest   = core.SweepRequest
	Swept          = core.Swept
	SweepPage      = core.SweepPage
	AnnounceResult = core.AnnounceResult

	GrantID        = core.GrantID
	GrantShape     = core.GrantShape
	Lease          = core.Lease
	Holder         = core.Holder
	AcquireRequest = core.AcquireRequest
	AcquireResult  = core.AcquireResult
	RenewResult    = core.RenewResult
	LeasePage      = core.LeasePage
	ReleaseRequest = core.ReleaseRequest
	ReleaseResult  = core.ReleaseResult
	InspectResult  = core.InspectResult

	Hint     = core.Hint
	HintKind = core.HintKind

	RefusedError = core.RefusedError
)

// The outcomes of a tenure, the shapes of a lease store, the kinds of hints.
const (
	Done        = core.Done
	HandedOff   = core.HandedOff
	Failed      = core.Failed
	Quarantined = core.Quarantined

	GrantPerMember = core.GrantPerMember
	GrantPerLease  = core.GrantPerLease

	HintName    = core.HintName
	HintRef     = core.HintRef
	HintGrant   = core.HintGrant
	HintHandOff = core.HintHandOff
	HintGap     = core.HintGap
)

// Limits that an adapter checks.
const (
	MaxNameBytes   = core.MaxNameBytes
	MaxInfoBytes   = core.MaxInfoBytes
	MaxReasonBytes = core.MaxReasonBytes
)

// What a port may answer; each result's comment says which.
var (
	ErrHeld     = core.ErrHeld
	ErrDisowned = core.ErrDisowned
	ErrDone     = core.ErrDone
	ErrExpired  = core.ErrExpired
	ErrNotYet   = core.ErrNotYet
	ErrSuspect  = core.ErrSuspect
	ErrLost     = core.ErrLost
	ErrInvalid  = core.ErrInvalid
	ErrRefused  = core.ErrRefused
)

// ValidateName, ValidateInfo and ParseGrantID check what comes from outside.
var (
	ValidateName = core.ValidateName
	ValidateInfo = core.ValidateInfo
	ParseGrantID = core.ParseGrantID
)
