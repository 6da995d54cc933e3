package source

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/ports"
)

const (
	// fetchLooks is how many entries one Fetch script looks at.
	fetchLooks = 1000
	// entryBytes is how large an entry may be. A name and an info of the largest
	// size, every character of them escaped, come to 768 KiB.
	entryBytes = 1 << 20
	// afterWait is added to a wait whose ctx has no deadline, for the answer.
	afterWait = 5 * time.Second
	// cancelGrace is how long a cancelled Fetch waits for what the server may
	// have handed out at the same moment.
	cancelGrace = 50 * time.Millisecond
)

// Fetch implements ports.StreamSource. go-redis does not end a call when its ctx
// is cancelled, so the work goes on in a goroutine of its own, for which the
// server's wait is ended from outside.
func (s *Source) Fetch(ctx context.Context, member ports.Member, max int, wait time.Duration) (ports.Fetched, error) {
	if err := checkMember(member); err != nil {
		return ports.Fetched{}, refuse("Fetch", err)
	}
	if err := ctx.Err(); err != nil {
		return ports.Fetched{}, err
	}
	fetch := s.newFetch(ctx, member, max, wait)
	s.reads.Add(1)
	go func() {
		defer s.reads.Done()
		fetch.run()
	}()
	select {
	case <-fetch.ended:
		return fetch.fetched, fetch.err
	case <-ctx.Done():
	}
	fetch.stop()
	select {
	case <-fetch.ended:
		if fetch.err == nil && len(fetch.fetched.Assignments) > 0 {
			return fetch.fetched, nil
		}
	case <-time.After(cancelGrace):
	}
	return ports.Fetched{}, ctx.Err()
}

// fetch is one Fetch under way.
type fetch struct {
	source *Source
	member ports.Member
	max    int
	until  time.Time // the end of the wait

	// ctx has the deadline of the caller's, but does not end when it is
	// cancelled: the server may be handing out something at that moment.
	ctx     context.Context
	release context.CancelFunc
	waiting waiting

	// ended is closed when the results are there.
	ended   chan struct{}
	fetched ports.Fetched
	err     error
}

func (s *Source) newFetch(ctx context.Context, member ports.Member, max int, wait time.Duration) *fetch {
	until := time.Now().Add(wait)
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = until.Add(afterWait)
	}
	f := &fetch{source: s, member: member, max: max, until: until, ended: make(chan struct{})}
	f.ctx, f.release = context.WithDeadline(context.WithoutCancel(ctx), deadline)
	return f
}

func (f *fetch) run() {
	defer f.release()
	defer close(f.ended)
	var delivered []string
	for {
		more, err := f.deliver(delivered)
		if err != nil || len(f.fetched.Assignments) > 0 || f.max <= 0 {
			f.err = err
			return
		}
		if more {
			delivered = nil
			continue
		}
		left := time.Until(f.until)
		if left <= 0 || f.waiting.isStopped() {
			return
		}
		if delivered, f.err = f.await(left); f.err != nil {
			return
		}
	}
}

// stop makes a wait in the server end.
func (f *fetch) stop() {
	f.waiting.stop()
	f.source.reads.Add(1)
	go func() {
		defer f.source.reads.Done()
		f.source.unblock(f)
	}()
}

// deliver hands over what is there, beginning with what a waiting read was given
// already. More: a bound ended the search before max was reached.
func (f *fetch) deliver(delivered []string) (more bool, err error) {
	s := f.source
	most := f.max
	if f.waiting.isStopped() {
		most = len(delivered)
	}
	args := []any{f.member.Incarnation, max(most, 0), pageBytes, fetchLooks, entryBytes}
	for _, id := range delivered {
		args = append(args, id)
	}
	raw, err := s.run(f.ctx, s.conn.Rest, fetchScript, args...)
	if err != nil {
		return false, err
	}
	answer := readReply(raw)
	fetched, more, bad := readFetched(answer)
	if !answer.ok() {
		return false, fetchScript.BadReply(raw)
	}
	f.fetched = fetched
	if err := s.quarantineMalformed(f.ctx, bad); err != nil && len(fetched.Assignments) == 0 {
		return false, err
	}
	// What was malformed has made no use of the room that was asked for.
	return more || len(bad) > 0, nil
}

func readFetched(answer *reply) (fetched ports.Fetched, more bool, bad []malformed) {
	fetched.Left, more = answer.number(), answer.flag()
	for !answer.isEmpty() {
		assignment, problem := readAssignment(answer)
		if problem != nil {
			bad = append(bad, malformed{assignment.Ref.MessageID, problem})
			continue
		}
		fetched.Assignments = append(fetched.Assignments, assignment)
	}
	return fetched, more, bad
}
