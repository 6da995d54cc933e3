package conn

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamlease/streamlease/core"
)

// MaxServiceBytes is the longest name of a service, in bytes.
const MaxServiceBytes = 1 << 10

// Field is the one field of an entry on the load-balancer stream.
const Field = "lbs-input"

// Keys are the names of everything that a service has in Redis. All of them
// are in the slot of Stream, so one script can touch any of them, also on
// Redis Cluster. The zero value is of no use; NewKeys makes one.
type Keys struct {
	service string
	prefix  string
}

// NewKeys makes the keys of a service. A service's name is non-empty valid
// UTF-8 of at most MaxServiceBytes without '}', which would end the hash tag
// early and put the keys into different slots. The error wraps
// core.ErrInvalid.
func NewKeys(service string) (Keys, error) {
	switch {
	case service == "":
		return Keys{}, fmt.Errorf("%w: the name of the service is empty", core.ErrInvalid)
	case len(service) > MaxServiceBytes:
		return Keys{}, fmt.Errorf("%w: the name of the service has %d bytes; the limit is %d", core.ErrInvalid, len(service), MaxServiceBytes)
	case !utf8.ValidString(service):
		return Keys{}, fmt.Errorf("%w: the name of the service, %.100q, is not valid UTF-8", core.ErrInvalid, service)
	case strings.Contains(service, "}"):
		return Keys{}, fmt.Errorf("%w: the name of the service, %.100q, contains '}', which would spread its keys over the slots of a cluster; choose a name without", core.ErrInvalid, service)
	}
	return Keys{service: service, prefix: "{" + service + "-input}:"}, nil
}

// Service is the name of the service.
func (k Keys) Service() string { return k.service }

// Prefix is how every key begins that is not Stream.
func (k Keys) Prefix() string { return k.prefix }

// Stream is the load-balancer stream, which producers know.
func (k Keys) Stream() string { return k.service + "-input" }

// Group is the consumer group on Stream. It is no key.
func (k Keys) Group() string { return k.service + "-group" }

// Layout is a string: the version of keys and scripts.
func (k Keys) Layout() string { return k.prefix + "layout" }

// Records is a hash: message ID → record of a pending assignment.
func (k Keys) Records() string { return k.prefix + "records" }

// Endings is a hash: message ID → the last endings of its tenures.
func (k Keys) Endings() string { return k.prefix + "endings" }

// Due is a sorted set: message IDs of what was given back, by retry time.
func (k Keys) Due() string { return k.prefix + "due" }

// Sweep is a hash: the state of the fleet's shared round.
func (k Keys) Sweep() string { return k.prefix + "sweep" }

// Fleet is a hash: the fleet's version and totals, and for each incarnation what
// its last heartbeat said and the tally of what it has taken.
func (k Keys) Fleet() string { return k.prefix + "fleet" }

// Quarantine is a hash: message ID → what could not be processed, and why.
func (k Keys) Quarantine() string { return k.prefix + "quarantine" }

// QuarantineOrder is a sorted set: message IDs of the quarantine by age.
func (k Keys) QuarantineOrder() string { return k.prefix + "quarantine-order" }

// QuarantineState is a hash: what was counted about the quarantine.
func (k Keys) QuarantineState() string { return k.prefix + "quarantine-state" }

// Sessions is a sorted set: grants by deadline, in microseconds of the
// server's clock.
func (k Keys) Sessions() string { return k.prefix + "sessions" }

// SessionStates is a hash: grant → its change number and its member.
func (k Keys) SessionStates() string { return k.prefix + "session-states" }

// SessionPrefix is how the key of a session's set begins; the grant follows.
// The set is a sorted set: names by token. Scripts build the key, since only
// they learn whose set a name is in.
func (k Keys) SessionPrefix() string { return k.prefix + "session:" }

// Leases is a hash: name → grant, token and message ID of its lease.
func (k Keys) Leases() string { return k.prefix + "leases" }

// TokenCounter is a string: the highest fencing token that was drawn.
func (k Keys) TokenCounter() string { return k.prefix + "token" }

// CheckpointPrefix is how the key of a checkpoint begins; the ref follows. It is
// a string: token, number, state and position.
func (k Keys) CheckpointPrefix() string { return k.prefix + "checkpoint:" }

// Hints is the channel of the service's hints. It carries the database index
// because pub/sub crosses databases.
func (k Keys) Hints(database int) string { return k.prefix + "hints:" + strconv.Itoa(database) }

// Probe is a key that Check tries its rights on; it never stays.
func (k Keys) Probe() string { return k.prefix + "probe" }
