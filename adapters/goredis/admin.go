package goredis

import (
	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/admin"
	"github.com/streamlease/streamlease/adapters/internal/doctor"
)

// Admin is an operator's view of a service, and what an operator can do for it;
// cmd/streamlease is made of it. It needs no member, and disturbs none: what
// only looks goes in pages over scripts that the server lets read only, so a user
// with read rights is enough for it (see Rights in the package's documentation).
// It may be used concurrently.
//
//	Pages, Find, Stream      the streams: state, owner, token, lease, counts
//	Members, Summary         the fleet, and the service in numbers
//	Quarantine, Evidence     what could not be processed, and why
//	Announce, AskToHandOff   new work; a stream for another member
//	Examine                  what the server guarantees, and what it does not
//	Requeue, Drop            once more, or never, what is in the quarantine
//	Purge                    the end of the service on this server
type Admin struct{ *admin.Admin }

// AdminConfig is what an Admin may be told. The zero value is fit for services
// made by New.
type AdminConfig struct {
	// Leases says who holds what: the service's lease store, if that is not
	// Leases of this package, or an Inspector of it. It is left open by Close.
	Leases LeaseInspector
	// Hints is the service's notifier, if that listens on another server than
	// the client's. It is left open by Close.
	Hints HintPublisher
}

type (
	// LeaseInspector says who holds which names. Every ports.LeaseStore is one.
	LeaseInspector = admin.Inspector
	// HintPublisher tells members something. Every ports.ExpiryNotifier is one.
	HintPublisher = admin.Publisher
)

// NewAdmin makes an Admin of a service; see New. Close it.
func NewAdmin(client redis.UniversalClient, service string, config AdminConfig) (*Admin, error) {
	c, err := open(client, service)
	if err != nil {
		return nil, err
	}
	made, err := admin.New(c, admin.Config(config))
	if err != nil {
		return nil, err
	}
	return &Admin{made}, nil
}

// What an Admin answers.
type (
	// AdminStream is one assignment, as an operator sees it.
	AdminStream = admin.Stream
	// AdminDetail is all that is known of an assignment.
	AdminDetail = admin.Detail
	// AdminState is where the life of an assignment is.
	AdminState = admin.State
	// AdminFilter chooses streams.
	AdminFilter = admin.Filter
	// AdminPage is some of what was announced.
	AdminPage = admin.Page
	// AdminEnding is how a tenure ended.
	AdminEnding = admin.Ending
	// AdminCheckpoint is how far an assignment was processed.
	AdminCheckpoint = admin.Checkpoint
	// AdminMember is one of the fleet, or whoever else reads its assignments.
	AdminMember = admin.Member
	// AdminMemberState says what is to be thought of a member.
	AdminMemberState = admin.MemberState
	// AdminQuarantined is what could not be processed, and why.
	AdminQuarantined = admin.Quarantined
	// AdminSummary is a service in numbers.
	AdminSummary = admin.Summary
	// AdminFinding is what was found out about the server, or the service on it.
	AdminFinding = admin.Finding
	// AdminPurged is how far a purge has come.
	AdminPurged = admin.Purged
)

// The states of an assignment; see the documentation of each in AdminState.
const (
	StateWaiting   = admin.Waiting
	StateDelivered = admin.Delivered
	StateTaking    = admin.Taking
	StateOwned     = admin.Owned
	StateUnowned   = admin.Unowned
	StateFree      = admin.Free
	StateRetrying  = admin.Retrying
	StateBlocked   = admin.Blocked
	StateMalformed = admin.Malformed
)

// AdminStates are all states of an assignment, from the beginning of a life to
// its troubles.
var AdminStates = admin.States

// The states of a member.
const (
	MemberLive    = admin.Live
	MemberLate    = admin.Late
	MemberGone    = admin.Gone
	MemberForeign = admin.Foreign
)

// What findings come to: as it should be; worth knowing; a guarantee that is
// missing.
const (
	VerdictOK      = doctor.OK
	VerdictNote    = doctor.Note
	VerdictMissing = doctor.Missing
)
