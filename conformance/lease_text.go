package conformance

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/ports"
)

// mostListed is how many items of a batch the journal shows.
const mostListed = 6

func listed[T any](items []T, text func(T) string) string {
	shown := make([]string, 0, mostListed)
	for i, item := range items {
		if i == mostListed {
			shown = append(shown, fmt.Sprintf("and %d more", len(items)-i))
			break
		}
		shown = append(shown, text(item))
	}
	return "[" + strings.Join(shown, ", ") + "]"
}

func shortName(name string) string {
	const most = 24
	if len(name) <= most {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%.*q… (%d bytes)", most, name, len(name))
}

func tallyText(tally ports.Tally) string {
	return fmt.Sprintf("change %d count %d", tally.Change, tally.Count)
}

func (b *leaseBench) requestText(request ports.AcquireRequest) string {
	text := fmt.Sprintf("%s in %s", shortName(request.Ref.Name), b.labels.of(request.Grant))
	if request.Open {
		text += " Open"
	}
	if request.Floor != 0 {
		text += fmt.Sprintf(" floor %d", request.Floor)
	}
	return text
}

func (b *leaseBench) acquiredText(result ports.AcquireResult) string {
	switch {
	case result.Err == nil:
		return fmt.Sprintf("token %d, %s", result.Token, tallyText(result.Tally))
	case isHeld(result.Err):
		return fmt.Sprintf("ErrHeld by %s, %s", b.holderText(result.Holder), tallyText(result.Tally))
	default:
		return shortError(result.Err)
	}
}

func (b *leaseBench) holderText(holder ports.Holder) string {
	return fmt.Sprintf("%s in %s, token %d, for %v", holder.Member.Incarnation, b.labels.of(holder.Lease.Grant), holder.Lease.Token, holder.ExpiresIn)
}

func renewedText(result ports.RenewResult) string {
	if result.Err != nil {
		return shortError(result.Err)
	}
	return tallyText(result.Tally)
}

func (b *leaseBench) leaseText(lease ports.Lease) string {
	return fmt.Sprintf("%s in %s token %d", shortName(lease.Ref.Name), b.labels.of(lease.Grant), lease.Token)
}

func (b *leaseBench) releaseText(request ports.ReleaseRequest) string {
	text := b.leaseText(request.Lease)
	if request.EndGrant {
		text += " EndGrant"
	}
	return text
}

func releasedText(result ports.ReleaseResult) string {
	switch {
	case result.Err != nil:
		return shortError(result.Err)
	case result.Changed:
		return "changed, " + tallyText(result.Tally)
	default:
		return "not changed, " + tallyText(result.Tally)
	}
}

func (b *leaseBench) inspectedText(result ports.InspectResult) string {
	switch {
	case result.Err != nil:
		return shortError(result.Err)
	case result.Held:
		return "held by " + b.holderText(result.Holder)
	default:
		return "free"
	}
}

func (b *leaseBench) pageText(page ports.LeasePage) string {
	text := listed(page.Leases, b.leaseText) + ", " + tallyText(page.Tally)
	if page.Expired {
		text += ", expired"
	}
	if page.Next != "" {
		text += fmt.Sprintf(", next %.50q", page.Next)
	}
	return text
}

func shortError(err error) string { return fmt.Sprintf("error %.200q", err.Error()) }
