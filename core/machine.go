package core

import (
	"fmt"
	"time"
)

// Machine is the protocol of one member. Its driver feeds it events and
// carries out the commands that each Step returns; nothing else goes in or
// out. It is not safe for concurrent use.
type Machine struct {
	config Config
	random *random
	now    time.Duration

	sequence sequence
	commands []Command
	wakeAt   time.Duration
	alarms   alarmHeap

	// Calls to ports.
	nextCall CallID
	calls    map[CallID]*call
	sizes    [callKinds]size
	underWay [callKinds]int

	// What the member knows of streams.
	names    map[string]*entry
	entries  int
	waiting  int // entries that wait or are being inspected
	occupied int // entries that take room
	owned    int
	reserved int // room kept for the Fetch that is out
	finished finished
	requests map[RequestID]*entry
	claims   map[*entry][]RequestID // Claims that wait
	// granted are the Claims that this very Step answered with a tenure.
	granted  map[RequestID]*granted
	outbox   outbox
	handlers handlers

	// Work for the ports, in order.
	acquisitions queue[*entry]
	takes        queue[*entry]
	trials       trials
	settlements  queue[*entry]
	releases     queue[releaseItem]
	inspections  queue[*entry]
	roomless     queue[*entry] // wait for the room that the Fetch reserves
	doubtful     queue[*entry] // wait for a fresh view
	hints        queue[Hint]
	renewals     queue[*grant]

	// Leases.
	session    *grant // the one grant of GrantPerMember; nil: none
	liveGrants int
	renewCall  *call
	capacity   capacity
	renewTook  time.Duration // the last Renew, from when it was sent to its answer
	renewedAt  time.Duration
	// leftAtRenewal is the least validity that a grant of the last Renew had
	// left when it was answered.
	leftAtRenewal time.Duration
	storeDown     bool // the last Renew failed
	pacing        bool // acquisitions go one batch at a time until a Renew succeeded
	estates       []*estate
	searches      []*search

	// The source.
	taken       ledger
	takenCount  int64
	sourceAudit audit
	auditNumber auditNumber
	readBack    readingBack
	lastSeen    string // the message ID that Fetch answered last

	fleet   fleet
	fetch   fetching
	sweep   sweeping
	started bool
	joined  bool

	closing    *closing
	terminated bool
	lastError  error
	connected  time.Duration // since when heartbeats are answered; -1: they are not
}

// New makes a machine. The error is that of Config.Validate.
func New(config Config) (*Machine, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	m := &Machine{
		config:    config,
		random:    newRandom(config.Seed),
		wakeAt:    never,
		calls:     make(map[CallID]*call),
		nextCall:  1,
		names:     make(map[string]*entry),
		requests:  make(map[RequestID]*entry),
		claims:    make(map[*entry][]RequestID),
		granted:   make(map[RequestID]*granted),
		handlers:  handlers{tenures: make(map[string]*entry)},
		connected: -1,
		renewedAt: -1,
	}
	m.fleet.staleSince, m.fleet.refusedSince = -1, -1
	m.leftAtRenewal = -1
	return m, nil
}

// never is an instant that does not come.
const never = time.Duration(1<<63 - 1)

// Step feeds events to the machine, at the instant now, and returns what is to
// be done. now is the driver's monotonic clock; an instant before an earlier
// one counts as that. The events are taken in order and together: what they
// ask of a port goes out in common batches. The slice is valid until the next
// Step; what a command points to is never changed again.
func (m *Machine) Step(now time.Duration, events ...Event) []Command {
	clear(m.commands)
	m.commands = m.commands[:0]
	m.now = max(m.now, now)
	m.sequence++
	clear(m.granted)
	events = m.noticeReception(events)
	if !m.terminated {
		m.noticeWake()
		m.ringAlarms()
	}
	for _, event := range events {
		m.sequence++
		m.handle(event)
	}
	if m.started && !m.terminated {
		m.flush()
	}
	return m.commands
}

// Notification is what the application should receive next, if anything. When
// it was received, NotificationReceived must be the first event of the next
// Step.
func (m *Machine) Notification() (Notification, bool) { return m.outbox.head() }

// noticeReception comes before everything else in a Step, the alarms too. The
// application received what was offered before the Step; an alarm that changed
// it first (a tenure that ends unread leaves nothing to tell) would leave an
// application that has heard of the beginning without word of the end.
func (m *Machine) noticeReception(events []Event) []Event {
	if len(events) == 0 {
		return events
	}
	if _, ok := events[0].(NotificationReceived); !ok || m.config.Ablation.ReceptionAfterAlarms {
		return events
	}
	m.received()
	return events[1:]
}

func (m *Machine) received() {
	if n, ok := m.outbox.head(); ok && n.Kind == StreamAdded {
		m.clockTrial(n.Ref, n.Token)
		m.handlerBegan(n.Ref)
	}
	m.outbox.received()
}

// Config returns the configuration with its defaults filled in.
func (m *Machine) Config() Config { return m.config }

func (m *Machine) handle(event Event) {
	switch event.(type) {
	case NotificationReceived:
		if m.config.Ablation.ReceptionAfterAlarms {
			m.received()
			return
		}
		m.broken("a notification was received after other events of the same step")
		return
	case Start:
		m.start()
		return
	}
	if !m.started || m.terminated {
		m.tooLate(event)
		return
	}
	switch event := event.(type) {
	case HeartbeatAnswered:
		m.heartbeatAnswered(event)
	case FetchAnswered:
		m.fetchAnswered(event)
	case DeliveriesAnswered:
		m.deliveriesAnswered(event)
	case TakeAnswered:
		m.takeAnswered(event)
	case SettleAnswered:
		m.settleAnswered(event)
	case SweepAnswered:
		m.sweepAnswered(event)
	case AcquireAnswered:
		m.acquireAnswered(event)
	case RenewAnswered:
		m.renewAnswered(event)
	case LeasesAnswered:
		m.leasesAnswered(event)
	case ReleaseAnswered:
		m.releaseAnswered(event)
	case InspectAnswered:
		m.inspectAnswered(event)
	case PublishAnswered:
		m.answer(event.Answered, callPublish)
	case CheckAnswered:
		m.checkAnswered(event)
	case HintsReceived:
		m.hintsReceived(event.Hints)
	case ClaimRequested:
		m.claimRequested(event)
	case SettleRequested:
		m.settleRequested(event)
	case HandlerReturned:
		m.handlerReturned(event.Name)
	case RequestAbandoned:
		m.requestAbandoned(event.Request)
	case CloseRequested:
		m.closeRequested(event.Grace, nil)
	case CloseForced:
		m.closeForced()
	}
}

// tooLate answers the application's requests when there is nobody to do them.
func (m *Machine) tooLate(event Event) {
	switch event := event.(type) {
	case ClaimRequested:
		m.emit(Reply{Request: event.Request, Ref: event.Ref, Err: notOwnedError(event.Ref)})
	case SettleRequested:
		m.emit(Reply{Request: event.Request, Ref: event.Ref, Token: event.Token, Err: notOwnedError(event.Ref)})
	}
}

func notOwnedError(ref StreamRef) error { return fmt.Errorf("%w: %q", ErrNotOwned, ref) }

// flush turns what the events left behind into calls. Renewals go first.
func (m *Machine) flush() {
	m.flushRenewals()
	m.flushSettlements()
	m.flushReleases()
	m.flushTrials()
	m.flushTakes()
	m.flushAcquisitions()
	m.flushInspections()
	m.flushHints()
	m.flushSearches()
	m.flushEstates()
	m.flushReadBack()
	m.noticeRoom()
	m.flushFetch()
	m.goOnClosing()
	if m.terminated {
		return
	}
	at := never
	if len(m.alarms) > 0 {
		at = m.alarms[0].at
	}
	if at != m.wakeAt {
		m.wakeAt = at
		if at != never {
			m.emit(WakeAt{At: at})
		}
	}
}

func (m *Machine) emit(c Command) { m.commands = append(m.commands, c) }

func (m *Machine) broken(format string, args ...any) {
	m.emit(Broken{What: fmt.Sprintf(format, args...)})
}

// failed remembers the last error of a port, for Status.
func (m *Machine) failed(err error) { m.lastError = err }

// start joins the fleet.
func (m *Machine) start() {
	if m.started {
		return
	}
	m.started = true
	m.wakeAt = never
	m.beat(ReasonJoining)
}
