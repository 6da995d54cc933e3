package streamlease

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// Config says what a Client works with. Only Ports is required; the zero value
// of every other field means its default.
type Config struct {
	// Ports is how the client reaches the stores: what an adapter's
	// constructor returns, or a set of your choice. Source and Leases are
	// required. Without a Notifier lost streams are found by the sweep alone,
	// without Checkpoints every owner begins where it likes.
	// The client closes those that can be closed: give each client, and each
	// Publisher, ports of its own.
	Ports ports.Set

	// ID is what people call this member, in logs and tools. It need not be
	// unique. Defaults to the environment's POD_NAME, else POD_IP, else the
	// host name with a random suffix.
	ID string
	// Version is the version of your program, shown to operators. Defaults to
	// the version that the build knows of the main module.
	Version string

	// TTL is the time-to-live of leases: how long a crashed member's streams
	// stay without an owner, about. Defaults to 10 s; at least 100 ms. All
	// members of a service should use the same. A member whose calls to the
	// store take longer than TTL/12 keeps what it owns, but does not trust its
	// view of the others and takes nothing over: choose at least twelve times
	// the worst round trip.
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
	// left the fleet. Defaults to the TTL.
	MemberExpiry time.Duration
	// CallTimeout bounds each call to a port. Defaults to TTL/6.
	CallTimeout time.Duration
	// RankDelay is the time between the tries of members that rank after one
	// another for a free stream. Defaults to 50 ms.
	RankDelay time.Duration
	// SweepInterval is the least time between the starts of two rounds of the
	// sweep, which finds what no hint told of. Defaults to 30 s.
	SweepInterval time.Duration

	// MaxStreams is how many streams the member owns at most. Defaults to 0:
	// no limit.
	MaxStreams int
	// MaxFailures is the number of failures at which a stream goes to the
	// quarantine. Defaults to 5; negative: never.
	MaxFailures int
	// MaxCrashes is the number of crashed owners at which a stream goes to the
	// quarantine. Defaults to 10; negative: never.
	// Every stream of a process that dies is counted, since nobody can tell which
	// one killed it. So one that has nearly reached the number is tried alone,
	// and goes to the quarantine only if a process died during its trial: a
	// stream that kills at once has killed MaxCrashes + 2 processes by then. One
	// that kills later than a trial lasts goes at three times the number, and
	// with it what shared all those crashes. 1 is too few for trials: then
	// whatever shared a crash goes.
	MaxCrashes int
	// Trial is how long a stream is tried alone, from when the application heard
	// that it owns the stream. Meanwhile the member begins no other stream that
	// has nearly reached MaxCrashes; a Claim of one waits. All else begins as
	// ever. Choose longer than it takes a stream to do harm; many such streams
	// come back one after another. Defaults to TTL/10.
	Trial time.Duration
	// StableAfter is how long a tenure must last to set the counts of failures
	// and crashes to zero. Defaults to 10 min.
	StableAfter time.Duration
	// BackoffMin is the time until a stream that failed once is tried again.
	// It doubles with each failure, up to BackoffMax, with 20 % jitter.
	// Defaults to 1 s.
	BackoffMin time.Duration
	// BackoffMax is the longest time between two tries of a stream that
	// failed. Defaults to 5 min.
	BackoffMax time.Duration

	// ManualClaim leaves claiming to the application: it hears StreamExpired,
	// again with each sweep until somebody claimed, and calls Claim. Defaults
	// to false: the client claims by itself and says StreamAdded.
	ManualClaim bool
	// Grace is how long Close lets the application finish with the streams
	// that it still owns before it hands them off. Defaults to 0, none, with Init,
	// and to 10 s with Run; negative: none.
	Grace time.Duration
	// StuckAfter is for Run: a handler that neither calls Stream.Progress nor saves
	// a checkpoint for so long, or a quarter longer, is taken to be stuck. Its
	// context ends with cause ErrStuck, and its stream is given back as by
	// Stream.Fail, for another member to try. Choose longer than the longest pause
	// between two messages. Defaults to 0: nobody is taken to be stuck.
	StuckAfter time.Duration

	// MeterProvider is where the client's metrics go (docs/operations/metrics.md
	// lists them), TracerProvider its spans: one for each Claim, Done, Fail and
	// HandOff, children of the caller's ctx, and one for each call to a port. Span
	// processors should be those that export in the background. Both default to
	// nil: nothing is measured, and that costs nothing.
	MeterProvider  metric.MeterProvider
	TracerProvider trace.TracerProvider
	// TelemetryAttributes go with every measurement and span, for instance the
	// name of the service in a process that is a member of several. Their values
	// must be few. The member's ID is always there. Defaults to none.
	TelemetryAttributes []attribute.KeyValue

	// Logger hears of ownership changes (Info: one line for each batch; Debug:
	// one for each change), of warnings about the server and of errors. It
	// never hears an Info of a stream. A handler that blocks holds up nothing:
	// what it has no time for is dropped, counted and said. Defaults to none.
	Logger *slog.Logger
}

// Validate reports every mistake at once; the error wraps ErrInvalid.
func (c Config) Validate() error {
	member := core.Member{ID: cmp.Or(c.ID, "default"), Incarnation: "any"}
	return c.validate(c.forCore(member, [32]byte{}))
}

func (c Config) validate(protocol core.Config) error {
	var mistakes []error
	if c.Ports.Source == nil {
		mistakes = append(mistakes, errors.New("Ports.Source is missing"))
	}
	if c.Ports.Leases == nil {
		mistakes = append(mistakes, errors.New("Ports.Leases is missing"))
		protocol.Shape = core.GrantPerMember // one mistake is enough
	}
	if c.StuckAfter < 0 {
		mistakes = append(mistakes, fmt.Errorf("StuckAfter is %v; it must be positive, or 0 for no watchdog", c.StuckAfter))
	}
	mistake := protocol.Validate()
	if len(mistakes) == 0 {
		return mistake
	}
	mistakes = append(mistakes, mistake)
	return fmt.Errorf("%w config: %w", ErrInvalid, errors.Join(mistakes...))
}

// grace is how long Close waits for the application.
func (c Config) grace(underRun bool) time.Duration {
	if c.Grace == 0 && underRun {
		return graceUnderRun
	}
	return max(c.Grace, 0)
}

// forCore is what the machine of the given member needs to know of it.
func (c Config) forCore(member core.Member, seed [32]byte) core.Config {
	config := core.Config{
		Member:         member,
		Seed:           seed,
		Version:        cmp.Or(c.Version, buildVersion()),
		NoNotifier:     c.Ports.Notifier == nil,
		TTL:            c.TTL,
		Margin:         c.Margin,
		RenewEvery:     c.RenewEvery,
		HeartbeatEvery: c.HeartbeatEvery,
		MemberExpiry:   c.MemberExpiry,
		CallTimeout:    c.CallTimeout,
		RankDelay:      c.RankDelay,
		SweepInterval:  c.SweepInterval,
		MaxStreams:     c.MaxStreams,
		MaxFailures:    c.MaxFailures,
		MaxCrashes:     c.MaxCrashes,
		Trial:          c.Trial,
		StableAfter:    c.StableAfter,
		BackoffMin:     c.BackoffMin,
		BackoffMax:     c.BackoffMax,
		ManualClaim:    c.ManualClaim,
	}
	if c.Ports.Leases != nil {
		config.Shape = c.Ports.Leases.Shape()
	}
	return config
}
