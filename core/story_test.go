package core

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
)

// TestStories runs testdata: each file is a story about one rule. An event
// goes in, and the commands that come out are printed below it. Run with
// -rewrite to print what the machine does now, and read the difference.
//
// The story's machine is member m1 with a TTL of 12 s, a margin of 1 s and a
// heartbeat every second; otherwise the defaults hold. Ports that a story
// hides do their work unseen. Lines below an answer are its items.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		s := &story{t: t}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return s.run(d)
		})
		require.Empty(t, s.bugs, "transitions outside the table, or other bugs")
	})
}

// story drives one machine and prints what it does.
type story struct {
	t       *testing.T
	machine *Machine
	now     time.Duration
	open    map[CallID]Command // calls that are not answered
	sentAt  map[CallID]time.Duration
	grants  map[GrantID]string
	wake    time.Duration
	out     strings.Builder
	bugs    []string
	quiet   bool
	backdrop
}

func (s *story) run(d *datadriven.TestData) string {
	s.out.Reset()
	switch d.Cmd {
	case "machine":
		s.begin(d)
	case "hide":
		s.hide(keys(d))
	case "show":
		s.show(keys(d))
	case "start":
		s.step(Start{})
	case "advance":
		s.advance(s.duration(d, "by"))
	case "sleep": // the process is frozen: no alarm is answered until it wakes
		s.now += s.duration(d, "by")
		s.step(Wake{})
	case "answer":
		s.answer(d)
	case "hint":
		s.hint(d)
	case "claim":
		s.step(ClaimRequested{Request: s.request(d), Ref: s.ref(d, "ref")})
	case "claims": // several at once
		s.claims(d)
	case "together":
		s.together(d)
	case "abandon":
		s.step(RequestAbandoned{Request: s.request(d)})
	case "settle":
		s.settle(d)
	case "returned": // the application's handler of the name
		var name string
		d.ScanArgs(s.t, "name", &name)
		s.step(HandlerReturned{Name: name})
	case "receive": // by=: and the machine takes note so much later
		s.receive(s.durationOr(d, "by", 0))
	case "unread":
		s.unread()
	case "close":
		s.step(CloseRequested{Grace: s.durationOr(d, "grace", 0)})
	case "force":
		s.step(CloseForced{})
	case "status":
		s.status()
	default:
		s.t.Fatalf("%s: no such verb: %s", d.Pos, d.Cmd)
	}
	if s.out.Len() == 0 {
		return "nothing\n"
	}
	return s.out.String()
}

func (s *story) status() {
	status := s.machine.Status()
	fmt.Fprintf(&s.out, "owned=%d room=%d members=%d stale=%v", status.Owned, status.Room, status.Members, status.Stale)
	if s.machine.config.Handlers {
		fmt.Fprintf(&s.out, " lingering=%d", status.Lingering)
	}
	s.out.WriteString("\n")
}

func (s *story) begin(d *datadriven.TestData) {
	config := Config{Member: Member{ID: "m1", Incarnation: "i1"}, Shape: GrantPerMember, TTL: 12 * time.Second,
		Margin: time.Second, HeartbeatEvery: time.Second}
	var hidden, owned []string
	fleet := "m1"
	for _, arg := range d.CmdArgs {
		value := ""
		if len(arg.Vals) > 0 {
			value = arg.Vals[0]
		}
		switch arg.Key {
		case "joined":
		case "members":
			fleet = value
		case "hide":
			hidden = arg.Vals
		case "owns":
			owned = arg.Vals
		case "shape":
			if value == "single" {
				config.Shape = GrantPerLease
			}
		case "room":
			config.MaxStreams = s.number(value)
		case "failures":
			config.MaxFailures = s.number(value)
		case "crashes":
			config.MaxCrashes = s.number(value)
		case "manual":
			config.ManualClaim = true
		case "handlers":
			config.Handlers = true
		case "mute":
			config.NoNotifier = true
		default:
			s.t.Fatalf("%s: no such option: %s", d.Pos, arg.Key)
		}
	}
	machine, err := New(config)
	require.NoError(s.t, err)
	s.machine, s.now, s.wake = machine, 0, never
	s.open, s.sentAt = map[CallID]Command{}, map[CallID]time.Duration{}
	s.grants = map[GrantID]string{}
	s.backdrop = backdrop{leases: map[GrantID]Tally{}}
	fmt.Fprintf(&s.out, "member m1\n")
	if d.HasArg("joined") {
		s.join(fleet)
	}
	s.hidden = hidden
	s.owns(owned)
	for _, ref := range owned {
		fmt.Fprintf(&s.out, "owns %s token=%d\n", ref, s.machine.find(s.parseRef(ref)).token)
	}
}

// join makes the member part of a fleet, unseen.
func (s *story) join(fleet string) {
	s.quiet = true
	s.step(Start{})
	s.answerCall("heartbeat", func(a Answered) Event {
		return HeartbeatAnswered{Answered: a, Fleet: s.fleet(row{fields: map[string]string{"version": "1", "members": fleet}})}
	})
	s.quiet = false
}

// advance lets time pass, waking the machine whenever it asked for it.
func (s *story) advance(by time.Duration) {
	until := s.now + by
	for s.wake <= until {
		s.now = max(s.now, s.wake)
		s.step(Wake{})
	}
	s.now = until
}

func (s *story) step(events ...Event) {
	commands := s.machine.Step(s.now, events...)
	if s.wake <= s.now {
		s.wake = never
	}
	for _, command := range commands {
		s.note(command)
	}
	s.answerHidden()
}

// note prints a command and remembers the calls.
func (s *story) note(command Command) {
	var text string
	switch c := command.(type) {
	case WakeAt:
		s.wake = c.At
		return
	case Broken:
		s.bugs = append(s.bugs, c.What)
		text = "BUG: " + c.What
	default:
		text = s.print(command)
	}
	if !s.quiet && text != "" && !s.hides(command) {
		fmt.Fprintf(&s.out, "%v %s\n", s.now.Round(time.Millisecond), text)
	}
}

func (s *story) answerCall(port string, event func(Answered) Event) {
	id, ok := s.oldest(port)
	if !ok {
		fmt.Fprintf(&s.out, "no %s is under way\n", port)
		return
	}
	sent := s.sentAt[id]
	delete(s.open, id)
	s.step(event(Answered{Call: id, Sent: sent}))
}

func (s *story) oldest(port string) (CallID, bool) {
	var ids []CallID
	for id, command := range s.open {
		if portOf(command) == port {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	if len(ids) == 0 {
		return 0, false
	}
	return ids[0], true
}

func (s *story) receive(later time.Duration) {
	n, ok := s.machine.Notification()
	if !ok {
		s.out.WriteString("nothing to receive\n")
		return
	}
	s.out.WriteString(printNotification(n) + "\n")
	s.now += later
	s.step(NotificationReceived{})
}

func (s *story) unread() {
	n, ok := s.machine.Notification()
	if !ok {
		s.out.WriteString("nothing to receive\n")
		return
	}
	s.out.WriteString(printNotification(n) + "\n")
}

func printNotification(n Notification) string {
	text := n.Kind.String()
	if n.Ref.Name != "" {
		text += " " + n.Ref.String()
	}
	if n.Token != 0 {
		text += fmt.Sprintf(" token=%d", n.Token)
	}
	if n.Kind == StreamTerminated && n.Err != nil {
		text += " " + n.Err.Error()
	}
	return text
}

func (s *story) claims(d *datadriven.TestData) {
	var refs []string
	var events []Event
	for _, arg := range d.CmdArgs {
		if arg.Key == "refs" {
			refs = arg.Vals
		}
	}
	for i, ref := range refs {
		events = append(events, ClaimRequested{Request: RequestID(i + 1), Ref: s.parseRef(ref)})
	}
	s.step(events...)
}

func (s *story) settle(d *datadriven.TestData) {
	outcomes := map[string]Outcome{"done": Done, "failed": Failed, "handed-off": HandedOff}
	var name string
	d.ScanArgs(s.t, "as", &name)
	var reason string
	d.MaybeScanArgs(s.t, "reason", &reason)
	var token int
	d.ScanArgs(s.t, "token", &token)
	s.step(SettleRequested{Request: s.request(d), Ref: s.ref(d, "ref"), Token: Token(token), Outcome: outcomes[name], Reason: reason})
}

func (s *story) hint(d *datadriven.TestData) {
	var hints []Hint
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "name":
			hints = append(hints, Hint{Kind: HintName, Ref: StreamRef{Name: arg.Vals[0]}})
		case "ref":
			hints = append(hints, Hint{Kind: HintRef, Ref: s.parseRef(arg.Vals[0])})
		case "hand-off":
			hints = append(hints, Hint{Kind: HintHandOff, Ref: s.parseRef(arg.Vals[0])})
		case "gap":
			hints = append(hints, Hint{Kind: HintGap})
		case "grant":
			hints = append(hints, Hint{Kind: HintGrant, Grant: s.grantNamed(arg.Vals[0])})
		case "giver":
			hints[len(hints)-1].Giver = strings.Replace(arg.Vals[0], "m", "i", 1)
		}
	}
	s.step(HintsReceived{Hints: hints})
}

// grantNamed is a grant that the story has shown, or a stranger's of that
// number.
func (s *story) grantNamed(name string) GrantID {
	for id, shown := range s.grants {
		if shown == name {
			return id
		}
	}
	id := GrantID{0xff, byte(s.number(name))}
	s.grants[id] = "lost" + name
	return id
}

func (s *story) request(d *datadriven.TestData) RequestID {
	var id int
	d.ScanArgs(s.t, "request", &id)
	return RequestID(id)
}

func (s *story) ref(d *datadriven.TestData, key string) StreamRef {
	var text string
	d.ScanArgs(s.t, key, &text)
	return s.parseRef(text)
}

func (s *story) parseRef(text string) StreamRef {
	ref, err := ParseStreamRef(text)
	require.NoError(s.t, err)
	return ref
}

func (s *story) duration(d *datadriven.TestData, key string) time.Duration {
	var text string
	d.ScanArgs(s.t, key, &text)
	value, err := time.ParseDuration(text)
	require.NoError(s.t, err)
	return value
}

func (s *story) durationOr(d *datadriven.TestData, key string, otherwise time.Duration) time.Duration {
	if !d.HasArg(key) {
		return otherwise
	}
	return s.duration(d, key)
}

func (s *story) number(text string) int {
	value, err := strconv.Atoi(text)
	require.NoError(s.t, err)
	return value
}

// errorsByName are the errors that a port may answer in a story.
var errorsByName = map[string]error{
	"held": ErrHeld, "disowned": ErrDisowned, "done": ErrDone, "expired": ErrExpired, "not-yet": ErrNotYet,
	"suspect": ErrSuspect, "lost": ErrLost, "refused": &RefusedError{Command: "the command", Cause: errors.New("OOM")},
	"forbidden": &RefusedError{Command: "the command", Cause: errors.New("NOPERM"), Lasting: true},
	"unknown":   errors.New("connection reset"),
}
