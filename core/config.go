package core

import (
	"errors"
	"fmt"
	"time"
)

// Config is what a Machine needs to know. The zero value of a field with a
// default means the default.
type Config struct {
	// Member is who the machine speaks for. Required.
	Member Member
	// Shape is the shape of the lease store. Required.
	Shape GrantShape
	// Seed is where grant names and jitter come from: 32 bytes of randomness,
	// or of a simulator's choice. Two machines with one seed draw the same
	// grant names, which breaks exclusivity.
	Seed [32]byte
	// Version is the program's version, shown to operators.
	Version string
	// NoNotifier: there is nobody to publish hints with.
	NoNotifier bool

	// TTL is the time-to-live of leases. Defaults to 10 s. All members of a
	// service should use the same.
	TTL time.Duration
	// Margin is how much earlier than the TTL a member gives up its own
	// leases; it covers the difference in clock rates. Defaults to TTL/10;
	// less than TTL/3.
	Margin time.Duration
	// RenewEvery is the time between renewals. Defaults to TTL/3; together
	// with CallTimeout less than TTL - Margin.
	RenewEvery time.Duration
	// HeartbeatEvery is the time between heartbeats. Defaults to TTL/3, at
	// most 1 s.
	HeartbeatEvery time.Duration
	// MemberExpiry is the time without heartbeats after which a member has
	// left the fleet. Defaults to TTL.
	MemberExpiry time.Duration
	// CallTimeout bounds each call to a port, waiting apart. Defaults to
	// TTL/6.
	CallTimeout time.Duration
	// RankDelay is the time between the tries of members that rank after one
	// another for a free stream. Defaults to 50 ms.
	RankDelay time.Duration
	// SweepInterval is the time between the starts of two rounds of the
	// sweep, at least. Defaults to 30 s.
	SweepInterval time.Duration
	// SweepPerSecond is the pace of a round for the whole fleet, in entries a
	// second. Defaults to 500.
	SweepPerSecond int
	// MaxStreams is how many streams the member owns at most. 0: no limit.
	MaxStreams int
	// MaxFailures is the number of failures at which a stream goes to the
	// quarantine. Defaults to 5; negative: never.
	MaxFailures int
	// MaxCrashes is the number of crashes at which a stream goes to the
	// quarantine. Defaults to 10; negative: never.
	// Every stream of a process that dies is counted, since nobody can tell which
	// one killed it. So one that has nearly reached the number is tried alone,
	// and goes to the quarantine only if a process died during its trial: a
	// stream that kills at once has killed MaxCrashes + 2 processes by then. One
	// that kills later than a trial lasts goes at three times the number, and
	// with it what shared all those crashes. 1 is too few for trials: then
	// whatever shared a crash goes.
	MaxCrashes int
	// Trial is how long a suspect is tried, from when the application heard that
	// it owns the stream. Meanwhile the member begins no other suspect; all else
	// begins as ever. Defaults to TTL/10.
	Trial time.Duration
	// StableAfter is how long a tenure must last to set the counts of
	// failures and crashes to zero. Defaults to 10 min.
	StableAfter time.Duration
	// BackoffMin and BackoffMax bound the time between tries of a stream that
	// failed: BackoffMin after the first failure, doubling, with 20 % jitter.
	// Default to 1 s and 5 min.
	BackoffMin, BackoffMax time.Duration
	// ManualClaim: the application hears StreamExpired and claims itself.
	ManualClaim bool
	// Handlers: the application runs a handler for each stream of which it hears
	// by StreamAdded, and says HandlerReturned.
	Handlers bool

	// Ablation is for the simulator only: it makes the machine wrong.
	Ablation Ablation

	// pages, when it is not 0, is the size of every page: tests make it small,
	// so that an audit of few streams takes several pages.
	pages int
}

// page is how many entries a page should have.
func (c Config) page(limit int) int {
	if c.pages > 0 {
		return c.pages
	}
	return limit
}

// Sizes of batches and how many are in flight. They are not options: the
// bounds keep every script of a store under a few milliseconds.
const (
	acquireBatch    = 200  // requests in one Acquire, Take, Settle or Release
	batchesInFlight = 4    // of each of these
	renewBatch      = 500  // grants in one Renew
	pageLimit       = 100  // entries of a Sweep or Deliveries page
	leasesLimit     = 1000 // leases of one page of a grant
	fetchLimit      = 1000 // assignments of one Fetch
	backlogLimit    = 1600 // acquisitions waiting or under way, beyond which nothing is fetched
	hintBatch       = 500  // hints of one Publish
	longestFetch    = 5 * time.Second
)

// withDefaults fills in the documented defaults.
func (c Config) withDefaults() Config {
	set := func(field *time.Duration, value time.Duration) {
		if *field == 0 {
			*field = value
		}
	}
	set(&c.TTL, 10*time.Second)
	set(&c.Margin, c.TTL/10)
	set(&c.RenewEvery, c.TTL/3)
	set(&c.HeartbeatEvery, min(c.TTL/3, time.Second))
	set(&c.MemberExpiry, c.TTL)
	set(&c.CallTimeout, c.TTL/6)
	set(&c.RankDelay, 50*time.Millisecond)
	set(&c.SweepInterval, 30*time.Second)
	set(&c.StableAfter, 10*time.Minute)
	set(&c.Trial, c.TTL/10)
	set(&c.BackoffMin, time.Second)
	set(&c.BackoffMax, max(5*time.Minute, c.BackoffMin))
	if c.SweepPerSecond == 0 {
		c.SweepPerSecond = 500
	}
	if c.MaxFailures == 0 {
		c.MaxFailures = 5
	}
	if c.MaxCrashes == 0 {
		c.MaxCrashes = 10
	}
	return c
}

// Validate reports every mistake at once; the error wraps ErrInvalid.
func (c Config) Validate() error {
	c = c.withDefaults()
	var mistakes []error
	wrong := func(format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf(format, args...))
	}
	if c.Member.ID == "" {
		wrong("the member's ID is empty")
	}
	if !validIncarnation(c.Member.Incarnation) {
		wrong("the member's incarnation %.100q is not made of letters, digits, '-' and '_'", c.Member.Incarnation)
	}
	if c.Shape != GrantPerMember && c.Shape != GrantPerLease {
		wrong("the lease store's shape is neither GrantPerMember nor GrantPerLease")
	}
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"TTL", c.TTL}, {"Margin", c.Margin}, {"RenewEvery", c.RenewEvery},
		{"HeartbeatEvery", c.HeartbeatEvery}, {"MemberExpiry", c.MemberExpiry},
		{"CallTimeout", c.CallTimeout}, {"RankDelay", c.RankDelay},
		{"SweepInterval", c.SweepInterval}, {"StableAfter", c.StableAfter},
		{"Trial", c.Trial}, {"BackoffMin", c.BackoffMin}, {"BackoffMax", c.BackoffMax},
	} {
		if field.value < 0 {
			wrong("%s is %v; it must be positive", field.name, field.value)
		}
	}
	if c.TTL > 0 && c.TTL < 100*time.Millisecond {
		wrong("TTL is %v; the least is 100 ms", c.TTL)
	}
	if c.TTL > 0 && c.Margin >= c.TTL/3 {
		wrong("Margin is %v; it must be less than a third of the TTL, %v", c.Margin, c.TTL/3)
	}
	if c.TTL > 0 && c.RenewEvery+c.CallTimeout >= c.TTL-c.Margin {
		wrong("RenewEvery, %v, and CallTimeout, %v, must together be less than TTL - Margin, %v, so that a renewal can fail once",
			c.RenewEvery, c.CallTimeout, c.TTL-c.Margin)
	}
	if c.TTL > 0 && c.MemberExpiry > 0 && c.HeartbeatEvery >= c.MemberExpiry {
		wrong("HeartbeatEvery is %v; it must be less than MemberExpiry, %v", c.HeartbeatEvery, c.MemberExpiry)
	}
	if c.BackoffMax < c.BackoffMin {
		wrong("BackoffMax is %v; it must not be less than BackoffMin, %v", c.BackoffMax, c.BackoffMin)
	}
	if c.MaxStreams < 0 {
		wrong("MaxStreams is %d; it must be positive, or 0 for no limit", c.MaxStreams)
	}
	if c.SweepPerSecond < 0 {
		wrong("SweepPerSecond is %d; it must be positive", c.SweepPerSecond)
	}
	if len(mistakes) == 0 {
		return nil
	}
	return fmt.Errorf("%w config: %w", ErrInvalid, errors.Join(mistakes...))
}

func validIncarnation(text string) bool {
	if text == "" || len(text) > 128 {
		return false
	}
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
