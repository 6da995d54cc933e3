package conformance_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

// The wrong ones run in processes of their own: virtual time needs a test, and
// that test is to fail.
const wrongVariable = "STREAMLEASE_WRONG_COMBINATION"

func TestAWrongCombinationIsCaughtByTheSentenceThatItBreaks(t *testing.T) {
	for name, wrong := range wrongCombinations {
		t.Run(name, func(t *testing.T) {
			again := exec.Command(os.Args[0], "-test.run=^TestOneWrongCombination$", "-test.v", "-test.timeout=2m")
			again.Env = append(os.Environ(), wrongVariable+"="+name)
			output, err := again.CombinedOutput()
			assert.Error(t, err, "it passes")
			assert.Contains(t, string(output), "“"+wrong.breaks+"”\n", "another sentence may catch it, but not this one")
			assert.Contains(t, string(output), "violated: ")
			assert.False(t, strings.Contains(string(output), "panic: test timed out"), "%s", output)
		})
	}
}

// TestOneWrongCombination is for the processes of the test above, and does
// nothing without them.
func TestOneWrongCombination(t *testing.T) {
	if wrong, chosen := wrongCombinations[os.Getenv(wrongVariable)]; chosen {
		conformance.Combination(t, wrongHarness{combinationHarness{ports.GrantPerLease}, wrong.spoil})
	}
}

var wrongCombinations = map[string]struct {
	breaks string
	spoil  func(*ports.Set)
}{
	"a lease store that gives held names away": {
		breaks: "A name that was announced more than once is owned once at a time",
		spoil:  func(set *ports.Set) { set.Leases = &generous{set.Leases} },
	},
	"a source that takes any settlement": {
		breaks: "What arrives late from a member that lost its streams changes nothing",
		spoil:  func(set *ports.Set) { set.Source = &gullible{set.Source.(announcing)} },
	},
	"a source that forgets failures": {
		breaks: "A stream that failed is tried again, and the failure is counted",
		spoil:  func(set *ports.Set) { set.Source = &forgiving{set.Source.(announcing)} },
	},
	"a source that does not sweep": {
		breaks: "What no hint tells of is found by the sweep",
		spoil:  func(set *ports.Set) { set.Source = &lazy{set.Source.(announcing)} },
	},
}

// wrongHarness is the right one with a mistake in each member's ports.
type wrongHarness struct {
	combinationHarness
	spoil func(*ports.Set)
}

func (h wrongHarness) Open() (conformance.CombinationInstance, error) {
	instance, err := h.combinationHarness.Open()
	return &wrongInstance{instance.(*combinationInstance), h.spoil}, err
}

type wrongInstance struct {
	*combinationInstance
	spoil func(*ports.Set)
}

// Ports have the mistake.
func (i *wrongInstance) Ports() (ports.Set, error) {
	set, err := i.combinationInstance.Ports()
	i.spoil(&set)
	return set, err
}

// announcing keeps what wrong sources do right.
type announcing interface {
	ports.StreamSource
	ports.Announcer
}

// generous releases what is in the way.
type generous struct{ ports.LeaseStore }

func (g *generous) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	for _, request := range requests {
		held, err := g.Inspect(ctx, []string{request.Ref.Name})
		if err == nil && held[0].Held {
			_, _ = g.Release(ctx, []ports.ReleaseRequest{{Lease: held[0].Holder.Lease}})
		}
	}
	return g.LeaseStore.Acquire(ctx, member, requests, ttl)
}

// gullible settles with whatever token is the right one.
type gullible struct{ announcing }

func (g *gullible) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	results, err := g.announcing.Settle(ctx, member, settlements)
	for i := range results {
		if errors.Is(results[i].Err, ports.ErrDisowned) && settlements[i].Outcome == ports.Done {
			g.force(ctx, settlements[i])
			results[i] = ports.SettleResult{Gone: true}
		}
	}
	return results, err
}

// force takes the assignment from its owner to settle it.
func (g *gullible) force(ctx context.Context, settlement ports.Settlement) {
	thief := ports.Member{ID: "thief", Incarnation: "thief"}
	settlement.Token = 1 << 60
	_, _ = g.announcing.Take(ctx, thief, []ports.TakeRequest{{Ref: settlement.Ref, Token: settlement.Token}})
	_, _ = g.announcing.Settle(ctx, thief, []ports.Settlement{settlement})
}

// forgiving takes failures for hand-offs.
type forgiving struct{ announcing }

func (f *forgiving) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		if settlements[i].Outcome == ports.Failed {
			settlements[i].Outcome = ports.HandedOff
		}
	}
	return f.announcing.Settle(ctx, member, settlements)
}

// lazy sweeps nothing but what was given back.
type lazy struct{ announcing }

func (l *lazy) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	page, err := l.announcing.Sweep(ctx, member, request)
	page.Round = nil
	return page, err
}
