package streamlease

import "github.com/streamlease/streamlease/core"

// The words that an application shares with the protocol. They are declared in
// package core and explained there.
type (
	// StreamRef names one assignment: {Name, MessageID}.
	StreamRef = core.StreamRef
	// Info is what the producer said about the stream: a JSON object as it
	// came. Info.Decode reads it and keeps big numbers.
	Info = core.Info
	// Assignment is one announcement.
	Assignment = core.Assignment
	// Token is a fencing token: it grows with every acquisition of a name.
	Token = core.Token
	// RefusedError is the definite no of a server, with advice.
	RefusedError = core.RefusedError
	// NotificationKind is what a Notification says.
	NotificationKind = core.NotificationKind
)

// The notifications.
const (
	// StreamAdded: this member owns Notification.Stream now; process it.
	StreamAdded = core.StreamAdded
	// StreamExpired: somebody lost the stream and nobody owns it. With
	// Config.ManualClaim it is the moment to call Claim.
	StreamExpired = core.StreamExpired
	// StreamDisowned: this member no longer owns the stream; stop. There is
	// nothing to be called for it.
	StreamDisowned = core.StreamDisowned
	// StreamTerminated: the client has stopped; Notification.Err says why, and
	// the channel closes.
	StreamTerminated = core.StreamTerminated
)

// ParseStreamRef reads name:message_id, the form that StreamRef.String
// returns. It splits at the last colon, so the name may contain colons. The
// error wraps ErrInvalid.
func ParseStreamRef(text string) (StreamRef, error) { return core.ParseStreamRef(text) }
