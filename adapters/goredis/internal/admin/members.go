package admin

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// MemberState says what is to be thought of a member.
type MemberState string

// The states of a member.
const (
	// Live: its heartbeats come.
	Live MemberState = "live"
	// Late: its heartbeats have not come for as long as it allowed.
	Late MemberState = "late"
	// Gone: it has left the fleet, and left something behind.
	Gone MemberState = "gone"
	// Foreign: a consumer in the group that is no member of this library.
	Foreign MemberState = "foreign"
)

// Member is one of the fleet, or whoever else reads the service's assignments.
type Member struct {
	ports.Member
	State   MemberState
	HasRoom bool
	// Owned is what its last heartbeat said, Taken what the records say.
	Owned, Taken int64
	// Pending is how many assignments the consumer group has for it.
	Pending int64
	// Version is that of its program.
	Version string
	// ExpiresIn is when it counts as gone without another heartbeat; negative:
	// it should have by now.
	ExpiresIn time.Duration
	// Idle is how long ago it asked the consumer group.
	Idle time.Duration
}

// Members lists the fleet, and whoever else is in the consumer group.
func (a *Admin) Members(ctx context.Context) ([]Member, error) {
	answer, err := a.run(ctx, a.reads.Rest, membersScript)
	if err != nil {
		return nil, fmt.Errorf("list the members of %.100q: %w", a.reads.Service(), err)
	}
	members, ok := readMembers(answer)
	if !ok {
		return nil, fmt.Errorf("list the members of %.100q: %w", a.reads.Service(), membersScript.BadReply(answer))
	}
	return members, nil
}

func readMembers(answer any) (members []Member, ok bool) {
	read := reply.New(answer)
	for read.More() {
		one := Member{Member: ports.Member{Incarnation: read.Text(), ID: read.Text()}}
		inFleet := read.Word("fleet", "group") == "fleet"
		one.HasRoom = read.Word("0", "1") == "1"
		one.Owned = read.Number()
		one.Version = read.Text()
		expiresIn, err := strconv.ParseInt(read.Text(), 10, 64)
		read.Require(err == nil)
		one.ExpiresIn = time.Duration(expiresIn) * time.Millisecond
		one.Taken, one.Pending = read.Number(), read.Number()
		one.Idle = read.Duration(time.Millisecond)
		one.State = stateOf(one, inFleet)
		members = append(members, one)
	}
	return members, read.Done()
}

func stateOf(one Member, inFleet bool) MemberState {
	switch {
	case inFleet && one.ExpiresIn > 0:
		return Live
	case inFleet:
		return Late
	case one.Taken > 0 || one.ID != "" || incarnation.MatchString(one.Incarnation):
		return Gone
	default:
		return Foreign
	}
}

// incarnation is how the client writes 128 bits; earlier ones wrote them in
// hexadecimal digits.
var incarnation = regexp.MustCompile(`^([\w-]{22}|[0-9a-f]{32})$`)
