package conformance

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// What a cancelled Fetch is given after its ctx has ended is in Deliveries, and
// nobody says when it came there.
func TestWhatACancelledFetchIsGivenLateIsOwnedBeforeTheTTLIsOver(t *testing.T) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			harness := &memoryCombination{shape: shape, spoil: linger}
			s := suite{port: "Combination", virtual: true, questions: []question{{
				sentence: Sentence{Where: "Combination", Text: "What is announced while a member joins is owned"},
				examine:  onCombinationBench(harness, true, whatIsAnnouncedWhileOneJoinsIsOwned),
			}}}
			s.runIn(t)
		})
	}
}

// whatIsAnnouncedWhileOneJoinsIsOwned has a member that listens for all there is
// give way to another.
func whatIsAnnouncedWhileOneJoinsIsOwned(b *combinationBench) {
	const interval = time.Second // between heartbeats
	b.lasting()
	b.join(1)
	<-time.After(2 * interval)
	b.join(1)
	<-time.After(2 * interval)
	b.awaitOwned(b.announce(b.streams()...))
	if took := b.now(); took > b.ttl/2 {
		b.violated("it took %v; the TTL is %v", took, b.ttl)
	}
}

// lingering ends a cancelled Fetch for its caller only: on the server it waits
// until its time is over.
type lingering struct {
	announcing
	ends  context.Context
	end   context.CancelFunc
	reads sync.WaitGroup
}

func linger(_ *memoryService, set *ports.Set) {
	l := &lingering{announcing: set.Source.(announcing)}
	l.ends, l.end = context.WithCancel(context.Background())
	set.Source = l
}

func (l *lingering) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (fetched ports.Fetched, err error) {
	ended := make(chan struct{})
	l.reads.Go(func() {
		defer close(ended)
		fetched, err = l.announcing.Fetch(l.ends, member, most, wait)
	})
	select {
	case <-ended:
		return fetched, err
	case <-ctx.Done():
		return ports.Fetched{}, ctx.Err()
	}
}

func (l *lingering) Close() error {
	l.end()
	l.reads.Wait()
	return nil
}
