package core

import (
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"
)

// answer answers the oldest call of a port that is under way. An error on the
// command line (unknown, refused, expired, …) is that of the whole call; each
// line below it is the result of one item, in order: fields as key=value, and
// the name of an error if it is one. Items without a line succeed. Tallies
// follow from what came before unless the line says change= and count=.
func (s *story) answer(d *datadriven.TestData) {
	port := d.CmdArgs[0].Key
	var whole error
	for _, arg := range d.CmdArgs[1:] {
		if err, ok := errorsByName[arg.Key]; ok {
			whole = err
		}
	}
	id, ok := s.oldest(port)
	if !ok {
		fmt.Fprintf(&s.out, "no %s is under way\n", port)
		return
	}
	command := s.open[id]
	rows := s.rows(d.Input)
	s.answerCall(port, func(a Answered) Event {
		a.Err, s.lost = whole, whole != nil
		defer func() { s.lost = false }()
		return s.event(a, command, rows, argRow(d))
	})
}

// row is one line of an answer.
type row struct {
	fields map[string]string
	err    error
}

func (s *story) rows(input string) []row {
	var rows []row
	for _, line := range strings.Split(strings.TrimSpace(input), "\n") {
		if line == "" {
			continue
		}
		r := row{fields: map[string]string{}}
		for _, word := range strings.Fields(line) {
			key, value, found := strings.Cut(word, "=")
			if err, ok := errorsByName[word]; ok && !found {
				r.err = err
				continue
			}
			r.fields[key] = value
		}
		rows = append(rows, r)
	}
	return rows
}

func (r row) has(key string) bool { _, ok := r.fields[key]; return ok }

func (s *story) int(r row, key string) int64 {
	if !r.has(key) {
		return 0
	}
	return int64(s.number(r.fields[key]))
}

func (s *story) tally(r row) Tally {
	return Tally{Change: s.int(r, "change"), Count: s.int(r, "count")}
}

func (s *story) time(r row, key string) time.Duration {
	value, err := time.ParseDuration(r.fields[key])
	if r.has(key) && err != nil {
		s.t.Fatal(err)
	}
	return value
}

func at(rows []row, i int) row {
	if i < len(rows) {
		return rows[i]
	}
	return row{}
}

func argRow(d *datadriven.TestData) row {
	r := row{fields: map[string]string{}}
	for _, arg := range d.CmdArgs[1:] {
		if len(arg.Vals) > 0 {
			r.fields[arg.Key] = arg.Vals[0]
		} else {
			r.fields[arg.Key] = ""
		}
	}
	return r
}

func (s *story) event(a Answered, command Command, rows []row, args row) Event {
	switch c := command.(type) {
	case SendHeartbeat:
		return HeartbeatAnswered{Answered: a, Fleet: s.fleet(args)}
	case SendFetch:
		fetched := Fetched{Left: s.int(args, "left")}
		for _, r := range rows {
			fetched.Assignments = append(fetched.Assignments, Assignment{Ref: s.parseRef(r.fields["ref"])})
		}
		return FetchAnswered{Answered: a, Fetched: fetched}
	case SendDeliveries:
		page := DeliveryPage{Next: args.fields["next"], Taken: s.takenNow(args)}
		for _, r := range rows {
			page.Deliveries = append(page.Deliveries, Delivery{Assignment: Assignment{Ref: s.parseRef(r.fields["ref"])},
				Token: Token(s.int(r, "token")), Taken: r.has("taken")})
		}
		return DeliveriesAnswered{Answered: a, Page: page}
	case SendTake:
		results := make([]TakeResult, len(c.Requests))
		for i := range results {
			r := at(rows, i)
			results[i] = TakeResult{Err: r.err, Assignment: Assignment{Ref: c.Requests[i].Ref}, Failures: int(s.int(r, "failures")),
				Crashes: int(s.int(r, "crashes")), CrashedAlone: r.has("alone"), Remembered: Token(s.int(r, "remembered")), RetryIn: s.time(r, "retry"),
				Changed: !r.has("unchanged"), Taken: s.takenAfter(r, 1)}
		}
		return TakeAnswered{Answered: a, Results: results}
	case SendSettle:
		results := make([]SettleResult, len(c.Settlements))
		for i := range results {
			r := at(rows, i)
			results[i] = SettleResult{Err: r.err, Gone: r.has("gone"), Remembered: Token(s.int(r, "remembered")),
				Changed: !r.has("unchanged"), Taken: s.takenAfter(r, -1)}
		}
		return SettleAnswered{Answered: a, Results: results}
	case SendSweep:
		return SweepAnswered{Answered: a, Page: s.sweepPage(args, rows)}
	case SendPublish:
		return PublishAnswered{Answered: a}
	case SendCheck:
		return CheckAnswered{Answered: a}
	default:
		return s.leaseEvent(a, command, rows, args)
	}
}

func (s *story) leaseEvent(a Answered, command Command, rows []row, args row) Event {
	switch c := command.(type) {
	case SendAcquire:
		results := make([]AcquireResult, len(c.Requests))
		for i := range results {
			r := at(rows, i)
			results[i] = AcquireResult{Err: r.err, Token: s.tokenOf(r), Tally: s.leasedAfter(r, c.Requests[i].Grant, 1),
				Holder: s.holder(r, c.Requests[i].Ref)}
		}
		return AcquireAnswered{Answered: a, Results: results}
	case SendRenew:
		results := make([]RenewResult, len(c.Grants))
		for i := range results {
			r := at(rows, i)
			results[i] = RenewResult{Err: r.err, Tally: s.leasedNow(r, c.Grants[i])}
		}
		return RenewAnswered{Answered: a, Results: results}
	case SendLeases:
		page := LeasePage{Next: args.fields["next"], Expired: args.has("over"), Tally: s.leasedNow(args, c.Grant)}
		for _, r := range rows {
			page.Leases = append(page.Leases, Lease{Ref: s.parseRef(r.fields["ref"]), Grant: c.Grant, Token: Token(s.int(r, "token"))})
		}
		return LeasesAnswered{Answered: a, Page: page}
	case SendRelease:
		results := make([]ReleaseResult, len(c.Requests))
		for i := range results {
			r := at(rows, i)
			results[i] = ReleaseResult{Err: r.err, Changed: !r.has("unchanged"), Tally: s.leasedAfter(r, c.Requests[i].Lease.Grant, -1)}
		}
		return ReleaseAnswered{Answered: a, Results: results}
	case SendInspect:
		results := make([]InspectResult, len(c.Names))
		for i := range results {
			r := at(rows, i)
			results[i] = InspectResult{Err: r.err, Held: r.has("by"), Holder: s.holder(r, StreamRef{Name: c.Names[i]})}
		}
		return InspectAnswered{Answered: a, Results: results}
	}
	s.t.Fatalf("no answer to %T", command)
	return nil
}

// holder reads by=MEMBER (an incarnation of the same letters) and message=ID.
func (s *story) holder(r row, ref StreamRef) Holder {
	if !r.has("by") {
		return Holder{}
	}
	by := r.fields["by"]
	holder := Holder{Member: Member{ID: by, Incarnation: strings.Replace(by, "m", "i", 1)}}
	holder.Lease.Ref = ref
	if r.has("message") {
		holder.Lease.Ref.MessageID = r.fields["message"]
	}
	return holder
}

// fleet reads members=m1,m2 (with an exclamation mark: no room).
func (s *story) fleet(args row) Fleet {
	f := Fleet{Version: s.int(args, "version"), Owned: s.int(args, "owned"), OwnedWithRoom: s.int(args, "owned"),
		Backlog: s.int(args, "backlog"), OldestWait: s.time(args, "oldest"), Taken: s.takenNow(args)}
	if !args.has("members") {
		return f
	}
	for _, name := range strings.Split(args.fields["members"], "+") {
		full := strings.HasSuffix(name, "!")
		name = strings.TrimSuffix(name, "!")
		f.Members = append(f.Members, FleetMember{Member: Member{ID: name, Incarnation: strings.Replace(name, "m", "i", 1)}, HasRoom: !full})
	}
	return f
}

func (s *story) sweepPage(args row, rows []row) SweepPage {
	page := SweepPage{More: args.has("more"), NextIn: longSweep}
	if args.has("next") {
		page.NextIn = s.time(args, "next")
	}
	for _, r := range rows {
		swept := Swept{Assignment: Assignment{Ref: s.parseRef(r.fields["ref"])}, Token: Token(s.int(r, "token")),
			Taker: r.fields["taker"], Settled: r.has("settled"), Age: s.time(r, "age"), RetryIn: s.time(r, "retry")}
		if r.has("due") {
			page.Due = append(page.Due, swept)
			continue
		}
		page.Round = append(page.Round, swept)
	}
	return page
}
