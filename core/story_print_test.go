package core

import (
	"errors"
	"fmt"
	"strings"
)

// print writes a command as a story shows it, and remembers a call.
func (s *story) print(command Command) string {
	switch c := command.(type) {
	case TenureBegan:
		text := fmt.Sprintf("began %s token=%d (%s)", c.Tenure.Ref, c.Tenure.Token, c.Tenure.Reason)
		return text
	case TenureEnded:
		return fmt.Sprintf("ended %s token=%d: %s (%s)", c.Ref, c.Token, errorName(c.Cause), c.Reason)
	case Reply:
		text := fmt.Sprintf("reply %d", c.Request)
		if c.Err != nil {
			return text + ": " + c.Err.Error()
		}
		return text + fmt.Sprintf(": ok token=%d", c.Token)
	case CancelCall:
		return fmt.Sprintf("cancel %s", portOf(s.open[c.ID]))
	case Joined:
		return "joined"
	case ContextEnded:
		return "contexts end"
	case Terminated:
		return fmt.Sprintf("terminated: %v", c.Cause)
	}
	return s.printCall(command)
}

func (s *story) printCall(command Command) string {
	head, text := Call{}, ""
	switch c := command.(type) {
	case SendHeartbeat:
		head = c.Call
		text = fmt.Sprintf("room=%v owned=%d", c.Beat.HasRoom, c.Beat.Owned)
		if c.Beat.Leaving {
			text += " leaving"
		}
	case SendFetch:
		head, text = c.Call, fmt.Sprintf("max=%d", c.Max)
	case SendDeliveries:
		head, text = c.Call, fmt.Sprintf("after=%q", c.Cursor)
		if c.Member != s.machine.config.Member {
			text = c.Member.ID + " " + text
		}
	case SendTake:
		head = c.Call
		for _, r := range c.Requests {
			text += fmt.Sprintf("%s token=%d", r.Ref, r.Token)
			if r.Suspect > 0 && s.machine.config.MaxCrashes != 10 { // or every story would be about crashes
				text += fmt.Sprintf(" suspect=%d", r.Suspect)
			}
			if r.Trial {
				text += " trial"
			}
			text += "; "
		}
	case SendSettle:
		head = c.Call
		for _, r := range c.Settlements {
			text += fmt.Sprintf("%s token=%d %v", r.Ref, r.Token, r.Outcome)
			if r.Reason != "" {
				text += fmt.Sprintf(" %q", r.Reason)
			}
			text += "; "
		}
	case SendSweep:
		head = c.Call
	case SendAcquire:
		head = c.Call
		for _, r := range c.Requests {
			text += fmt.Sprintf("%s in %s", r.Ref, s.grantName(r.Grant))
			if r.Open {
				text += " open"
			}
			if r.Floor > 0 {
				text += fmt.Sprintf(" floor=%d", r.Floor)
			}
			text += "; "
		}
	case SendRenew:
		head = c.Call
		for _, g := range c.Grants {
			text += s.grantName(g) + "; "
		}
	case SendLeases:
		head, text = c.Call, s.grantName(c.Grant)
		if c.Cursor != "" {
			text += fmt.Sprintf(" after=%q", c.Cursor)
		}
	case SendRelease:
		head = c.Call
		for _, r := range c.Requests {
			text += fmt.Sprintf("%s token=%d in %s", r.Lease.Ref, r.Lease.Token, s.grantName(r.Lease.Grant))
			if r.EndGrant {
				text += " end"
			}
			text += "; "
		}
	case SendInspect:
		head, text = c.Call, strings.Join(c.Names, "; ")
	case SendPublish:
		head = c.Call
		for _, h := range c.Hints {
			text += h.String() + "; "
		}
	case SendCheck:
		head = c.Call
	}
	s.open[head.ID], s.sentAt[head.ID] = command, s.now
	text = strings.TrimSuffix(text, "; ")
	return strings.TrimSpace(fmt.Sprintf("-> %s %s", portOf(command), text)) + fmt.Sprintf(" (%s)", head.Reason)
}

// grantName numbers the machine's grants in the order in which they appear.
func (s *story) grantName(id GrantID) string {
	if name, ok := s.grants[id]; ok {
		return name
	}
	name := fmt.Sprintf("g%d", len(s.grants)+1)
	s.grants[id] = name
	return name
}

func portOf(command Command) string {
	switch command.(type) {
	case SendHeartbeat:
		return "heartbeat"
	case SendFetch:
		return "fetch"
	case SendDeliveries:
		return "deliveries"
	case SendTake:
		return "take"
	case SendSettle:
		return "settle"
	case SendSweep:
		return "sweep"
	case SendAcquire:
		return "acquire"
	case SendRenew:
		return "renew"
	case SendLeases:
		return "leases"
	case SendRelease:
		return "release"
	case SendInspect:
		return "inspect"
	case SendPublish:
		return "publish"
	case SendCheck:
		return "check"
	}
	return "nothing"
}

func errorName(err error) string {
	for _, name := range []string{"held", "disowned", "done", "expired", "not-yet", "suspect", "lost"} {
		if errors.Is(err, errorsByName[name]) {
			return name
		}
	}
	if errors.Is(err, ErrNotOwned) {
		return "not owned"
	}
	return err.Error()
}
