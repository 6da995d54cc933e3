package source

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Bounds that keep a script to a few milliseconds and an answer to a few
// megabytes.
const (
	// batchItems and batchBytes bound what goes into one Take or Settle script.
	batchItems = 200
	batchBytes = 1 << 20
	// pageItems is the largest page of Deliveries or Sweep, pageBytes how much
	// payload is enough for an answer.
	pageItems = 500
	pageBytes = 4 << 20
)

// Source is ports.StreamSource, ports.Announcer and ports.Checker. Its methods
// may be called concurrently.
type Source struct {
	conn *conn.Conn
	keys []string

	// reads are the Fetch calls that go on after their callers have gone.
	reads sync.WaitGroup
	// noUnblock: this user may not end a waiting read from outside.
	noUnblock atomic.Bool
}

var (
	_ ports.StreamSource = (*Source)(nil)
	_ ports.Announcer    = (*Source)(nil)
	_ ports.Checker      = (*Source)(nil)
)

// New makes the source of c's service and takes c over: Close gives it back.
func New(c *conn.Conn) *Source {
	return &Source{conn: c, keys: Keys(c.Keys)}
}

// Keys are those of every script of the source, in the order in which prelude.lua
// has them.
func Keys(k conn.Keys) []string {
	return []string{
		k.Stream(), k.Records(), k.Endings(), k.Due(), k.Sweep(),
		k.Quarantine(), k.QuarantineOrder(), k.QuarantineState(),
		k.Fleet(), k.Layout(),
	}
}

// closePatience bounds how long Close waits for reads on a server that does not
// answer. They end by their deadlines all the same.
const closePatience = time.Second

// Close gives the connection back and waits for reads whose callers have gone.
func (s *Source) Close() error {
	err := s.conn.Close()
	ended := make(chan struct{})
	go func() {
		s.reads.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(closePatience):
	}
	return err
}

// run runs a script of the source, whose keys and first arguments are always
// the same.
func (s *Source) run(ctx context.Context, lane *conn.Lane, script *conn.Script, args ...any) (any, error) {
	all := make([]any, 0, 2+len(args))
	all = append(all, s.conn.Group(), conn.Field)
	return script.Run(ctx, lane, s.keys, append(all, args...)...)
}

// checkMember refuses an incarnation that would break the text of a record.
func checkMember(member ports.Member) error {
	if !isIncarnation(member.Incarnation) {
		return fmt.Errorf("%w: the incarnation %.100q of member %.100q is not made of letters, digits, '-' and '_'", ports.ErrInvalid, member.Incarnation, member.ID)
	}
	return nil
}

func isIncarnation(text string) bool {
	foreign := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}
	return text != "" && !strings.ContainsFunc(text, foreign)
}

// refuse is the definite no to a request that breaks the rules: nothing was
// sent.
func refuse(call string, cause error) error {
	return &ports.RefusedError{
		Command: call, Cause: cause, Lasting: true,
		Advice: "this is a mistake of the program that asks",
	}
}

// impossibleID stands for a message ID that is not of the form that Redis gives
// them. No entry has it either, and the scripts may be asked for it.
const impossibleID = "0-0"

func knownID(ref ports.StreamRef) string {
	if !IsMessageID(ref.MessageID) {
		return impossibleID
	}
	return ref.MessageID
}

// pageSize is what is asked for, within the bounds.
func pageSize(limit int) int { return min(max(limit, 1), pageItems) }

// millis rounds up, so that nothing ends early. Lua's numbers are exact up to
// 2^53; this is far beyond any time that is meant.
func millis(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return int64(math.Ceil(float64(d) / float64(time.Millisecond)))
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}
