package streamlease

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/internal/telemetry"
	"github.com/streamlease/streamlease/ports"
)

const (
	// inboxSize is how many answers, and how many requests, may wait for the
	// loop; whoever brings one more waits until the loop has come round.
	inboxSize = 1024
	// never is when a timer rings that is not set.
	never = time.Duration(math.MaxInt64)
	// batchLimit is how much is taken in before a step.
	batchLimit = 2 * inboxSize
)

// loop owns the machine of one member. One goroutine runs it and never blocks:
// not on a port (driver.Calls), not on the application (a notification is
// offered, not sent; answers go into channels of one), not on a log (journal).
// So renewals go out in time whatever the application does.
type loop struct {
	machine *core.Machine
	calls   *driver.Calls
	// checkpoints is nil where there is no such port.
	checkpoints *checkpoints
	journal     *journal
	config      core.Config // with its defaults
	ports       ports.Set
	grace       time.Duration
	start       time.Time
	// stuckAfter is how long a handler may be without progress; 0: for ever.
	stuckAfter time.Duration
	// patience is how long the end waits for code that does not return.
	patience time.Duration

	events        chan core.Event // from ports and notifier
	tasks         chan func()     // from the application
	notifications chan Notification
	timer         *time.Timer
	joined        chan error    // of one: nil, or why the member never joined
	ended         chan struct{} // closed: nobody looks at tasks any more
	done          chan struct{} // closed: nothing of this loop is left
	watchEnded    chan struct{}

	batch       []core.Event
	requests    map[core.RequestID]*pending
	lastRequest core.RequestID
	tenures     tenures
	closing     bool  // Close was called
	forced      bool  // and will not wait for anybody
	terminated  bool  // the machine has stopped
	over        bool  // and the application knows, or does not care
	abandoned   bool  // Init failed: the ports will be used again
	cause       error // why the machine stopped; read by others once ended is closed

	status    statusBoard
	view      view
	telemetry *telemetry.Member // nil: nothing is measured
}

func newLoop(config Config, member core.Member, handlers bool) (*loop, error) {
	protocol := config.forCore(member, newSeed())
	protocol.Handlers = handlers
	machine, err := core.New(protocol)
	if err != nil {
		return nil, err
	}
	l := &loop{
		machine:       machine,
		config:        machine.Config(),
		start:         time.Now(),
		patience:      2 * machine.Config().CallTimeout,
		ports:         config.Ports,
		grace:         config.grace(handlers),
		stuckAfter:    config.StuckAfter,
		journal:       newJournal(config.Logger, member),
		events:        make(chan core.Event, inboxSize),
		tasks:         make(chan func(), inboxSize),
		notifications: make(chan Notification),
		timer:         time.NewTimer(never),
		joined:        make(chan error, 1),
		ended:         make(chan struct{}),
		done:          make(chan struct{}),
		watchEnded:    make(chan struct{}),
		requests:      make(map[core.RequestID]*pending),
		tenures:       newTenures(),
	}
	l.measure(config)
	called := config.Ports
	called.Checkpoints = l.telemetry.Checkpoints(called.Checkpoints)
	translator := driver.Translator{Ports: called, Member: member, Warn: l.warn}
	l.calls = driver.NewCalls(translator, l.telemetry.Observer(), l.now, l.events)
	l.checkpoints = newCheckpoints(called.Checkpoints, l.config.CallTimeout)
	return l, nil
}

// measure begins to tell the providers of the config, if there are any, how the
// member does.
func (l *loop) measure(config Config) {
	var err error
	l.telemetry, err = telemetry.New(telemetry.Config{
		Meters:     config.MeterProvider,
		Tracers:    config.TracerProvider,
		Member:     l.machine.Config().Member.ID,
		Attributes: config.TelemetryAttributes,
		TTL:        l.config.TTL,
		Now:        l.now,
		Status:     l.status.read,
	})
	if err != nil {
		l.journal.write(func(log *slog.Logger) { log.Warn("some of the metrics are missing", "error", err) })
	}
}

// measureNoMore ends the gauges. A provider that is busy reading them may hold
// that up, and then this does not wait for ever.
func (l *loop) measureNoMore() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := l.telemetry.Close(); err != nil {
			l.journal.write(func(log *slog.Logger) { log.Warn("the gauges could not be ended", "error", err) })
		}
	}()
	ends(ended, l.patience)
}

// now is the machine's clock: it cannot be set, and does not jump.
func (l *loop) now() time.Duration { return time.Since(l.start) }

// run is the loop's goroutine.
func (l *loop) run() {
	ctx, stopWatching := context.WithCancel(context.Background())
	go l.watchHints(ctx)
	l.batch = append(l.batch, core.Start{})
	l.step()
	for !l.over {
		l.wait()
		l.drain()
		l.step()
	}
	stopWatching()
	l.finish()
}

// wait takes in the next thing that happens, whatever it is.
func (l *loop) wait() {
	notification, waits := l.notification()
	var offer chan<- Notification
	if waits {
		offer = l.notifications
	}
	select {
	case event := <-l.events:
		l.batch = append(l.batch, event)
	case task := <-l.tasks:
		task()
	case <-l.timer.C:
		l.batch = append(l.batch, core.Wake{})
	case offer <- notification:
		l.received(notification)
	}
}

// drain takes in what else is there, so that it goes into one step: calls of
// the application that came together go out in one batch.
func (l *loop) drain() {
	for range batchLimit {
		select {
		case event := <-l.events:
			l.batch = append(l.batch, event)
		case task := <-l.tasks:
			task()
		default:
			return
		}
	}
}

func (l *loop) step() {
	l.telemetry.Heard(l.batch)
	commands := l.machine.Step(l.now(), l.batch...)
	// The status comes first: whoever Init, a notification or a reply wakes
	// must not read one from before it.
	status := l.machine.Status()
	l.status.publish(status)
	l.journal.ownership(commands)
	l.journal.quarantines(commands)
	l.telemetry.Did(commands, l.batch, status)
	clear(l.batch)
	l.batch = l.batch[:0]
	for _, command := range commands {
		l.carryOut(command)
	}
	l.view.notice(status, l.now(), l.config.TTL, l.journal)
}

func (l *loop) carryOut(command core.Command) {
	switch command := command.(type) {
	case core.WakeAt:
		l.timer.Reset(command.At - l.now())
	case core.CancelCall:
		l.calls.Cancel(command.ID)
	case core.TenureBegan:
		l.tenures.begin(l.newStream(command.Tenure))
	case core.TenureEnded:
		l.tenures.end(command.Ref.Name, command.Token, command.Cause)
	case core.ContextEnded:
		l.tenures.endContexts(ErrClosed)
	case core.Reply:
		l.reply(command)
	case core.Joined:
		l.joined <- nil
	case core.Terminated:
		l.terminate(command.Cause)
	case core.Broken:
		l.journal.write(func(log *slog.Logger) {
			log.Error("the client met what its own rules exclude; please report it", "what", command.What)
		})
	default:
		l.calls.Start(command)
	}
}

func (l *loop) newStream(tenure core.Tenure) *Stream {
	stream := &Stream{
		loop:     l,
		ref:      tenure.Ref,
		token:    tenure.Token,
		failures: int32(tenure.Failures),
		crashes:  int32(tenure.Crashes),
	}
	if info := tenure.Info; info != nil {
		stream.info = &info
	}
	return stream
}

func (l *loop) watchHints(ctx context.Context) {
	defer close(l.watchEnded)
	if l.ports.Notifier == nil {
		return
	}
	chance := rand.New(rand.NewChaCha8(newSeed()))
	driver.Watch(ctx, l.ports.Notifier, l.events, chance, func(err error) {
		l.journal.write(func(log *slog.Logger) { log.Warn("the notifier failed; it is started again", "error", err) })
	})
}

func (l *loop) warn(warning string) {
	l.journal.write(func(log *slog.Logger) { log.Warn(warning) })
}

func (l *loop) hasEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// errClosed is what calls after the end answer.
func (l *loop) errClosed() error {
	if l.hasEnded() && l.cause != nil {
		return fmt.Errorf("%w: %w", ErrClosed, l.cause)
	}
	return ErrClosed
}
