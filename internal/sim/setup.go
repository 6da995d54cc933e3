package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// Lease is the shape of the lease store.
type Lease uint8

// The lease stores.
const (
	Session Lease = iota // one grant for each member, on the source's server
	Single               // one grant for each lease, on a server of its own
	Quorum               // the same over three servers, two of which decide
)

// Notifier is how members hear of what is free.
type Notifier uint8

// The notifiers.
const (
	Deadline Notifier = iota // polls an index of deadlines, and hears what is published
	Keyspace                 // hears of a key when the server deletes it, which may be late
	Silent                   // none: the sweep finds everything
)

var (
	leaseWords    = []string{"session", "single", "quorum"}
	notifierWords = []string{"deadline", "keyspace", "none"}
)

// String returns the word that scenarios use.
func (l Lease) String() string { return leaseWords[l] }

// String returns the word that scenarios use.
func (n Notifier) String() string { return notifierWords[n] }

func (l Lease) shape() core.GrantShape {
	if l == Session {
		return core.GrantPerMember
	}
	return core.GrantPerLease
}

// Setup is the world of a scenario before anything happens in it.
type Setup struct {
	Lease    Lease
	Notifier Notifier
	// Members start at the beginning, called m1, m2, …
	Members int
	// Streams are announced in the first half of the time of faults, called
	// s1, s2, …; each is announced again a while after it is done if Again.
	Streams int
	Again   bool
	// Room is MaxStreams of each member; 0: no limit.
	Room int
	// TTL, Sweep are the leases' and the sweep's interval.
	TTL, Sweep time.Duration
	// Work is how long an application works on a stream, at least and at most.
	WorkMin, WorkMax time.Duration
	// Writes is how often an application writes while it works on a stream,
	// besides the beginning and the end; 0: never.
	Writes time.Duration
	// Faults is how long anything may happen; then a random core of the fleet
	// is healed.
	Faults time.Duration
	// Fails, GivesUp are the odds in a thousand that work ends with Fail, or
	// with HandOff.
	Fails, GivesUp int
	// SmallTokens: the lease store's clock is of no help when tokens are drawn;
	// they count up, and begin again at 1 when the store loses its data.
	SmallTokens bool
	// NoCore: when the faults end every member that lives is healed.
	NoCore bool
	// Manual: applications claim what they hear to be without an owner.
	Manual bool
	// Pages is how many entries a page of the stores has at most; 0: as many as
	// a member asks for.
	Pages int
	// MaxFailures, MaxCrashes as in core.Config; 0: never.
	MaxFailures, MaxCrashes int
}

// Filled is the setup as a run has it, with what the scenario does not say.
func (s Setup) Filled() Setup { return s.withDefaults() }

// withDefaults fills in what a scenario does not say.
func (s Setup) withDefaults() Setup {
	set := func(field *time.Duration, value time.Duration) {
		if *field == 0 {
			*field = value
		}
	}
	if s.Members == 0 {
		s.Members = 3
	}
	set(&s.TTL, 10*time.Second)
	set(&s.Sweep, 30*time.Second)
	set(&s.WorkMin, 2*time.Second)
	set(&s.WorkMax, 6*time.Second)
	s.WorkMax = max(s.WorkMax, s.WorkMin)
	set(&s.Faults, 30*time.Second)
	return s
}

func (s Setup) machine(member core.Member, seed [32]byte, ablated core.Ablation) core.Config {
	never := func(limit int) int {
		if limit == 0 {
			return -1
		}
		return limit
	}
	return core.Config{
		Member: member, Shape: s.Lease.shape(), Seed: seed, NoNotifier: s.Notifier == Silent,
		TTL: s.TTL, SweepInterval: s.Sweep, MaxStreams: s.Room, ManualClaim: s.Manual,
		MaxFailures: never(s.MaxFailures), MaxCrashes: never(s.MaxCrashes),
		BackoffMax: max(time.Minute, time.Second), Ablation: ablated,
	}
}
