package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/ports"
)

func TestWhatDoesNotComeAboutIsExplained(t *testing.T) {
	for _, row := range []struct {
		adapter string
		spoil   func(*memoryService, *ports.Set)
		says    []string
	}{{
		adapter: "a source that hands nothing out",
		spoil:   func(_ *memoryService, set *ports.Set) { set.Source = &idle{set.Source.(announcing)} },
		says:    []string{"member-1 owns 0, sees 3 members and a backlog of 8", "8 assignments were given to nobody", `nobody holds "a:b"`},
	}, {
		adapter: "a source that takes nothing",
		spoil:   func(_ *memoryService, set *ports.Set) { set.Source = &taken{set.Source.(announcing)} },
		says: []string{"the suite lets Take fail", "was given to member-",
			`holds "a:b" for "a:b:`},
	}} {
		t.Run(row.adapter, func(t *testing.T) {
			s := combinationSuite(&memoryCombination{shape: ports.GrantPerMember, spoil: row.spoil})
			verdict := s.askInTime(t, s.questions[0], Report{})
			for _, text := range row.says {
				assert.Contains(t, verdict.String(), text)
			}
		})
	}
}

// idle hands nothing out.
type idle struct{ announcing }

func (i *idle) Fetch(ctx context.Context, _ ports.Member, _ int, wait time.Duration) (ports.Fetched, error) {
	select {
	case <-ctx.Done():
		return ports.Fetched{}, ctx.Err()
	case <-time.After(wait):
		return ports.Fetched{}, nil
	}
}

// taken takes nothing, as if it could not be reached.
type taken struct{ announcing }

func (*taken) Take(context.Context, ports.Member, []ports.TakeRequest) ([]ports.TakeResult, error) {
	return nil, errSuite("Take")
}

type errSuite string

func (e errSuite) Error() string { return "the suite lets " + string(e) + " fail" }
