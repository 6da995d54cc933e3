package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/streamlease/streamlease"
)

// whatIsAnnouncedIsDone has half announced before the first member ever joined.
func whatIsAnnouncedIsDone(b *combinationBench) {
	b.lasting()
	names := b.streams()
	early := b.announce(names[:len(names)/2]...)
	b.join(3)
	refs := append(early, b.announce(names[len(names)/2:]...)...)
	b.awaitOwned(refs)
	b.finishAll()
	for _, ref := range refs {
		if heard := b.books.tenuresOf(ref); len(heard) != 1 {
			b.violated("%.40q was told %d times; nothing had happened to its owner", ref.String(), len(heard))
		}
	}
}

func theDeadAreInherited(b *combinationBench) {
	refs := b.owning(3)
	victim, owned := b.largest()
	victim.die()
	b.awaitOwned(refs)
	b.expectHigherTokens(owned)
}

func theCutOffAreDisowned(b *combinationBench) {
	refs := b.owning(2)
	victim, owned := b.largest()
	victim.cutOff()
	b.await("the member that is cut off is told that it lost its streams", func() error {
		b.books.mu.Lock()
		defer b.books.mu.Unlock()
		for _, tenure := range owned {
			if !tenure.disowned || !tenure.over {
				return fmt.Errorf("it has not heard StreamDisowned of %.40q, or its context goes on", tenure.stream.Ref().String())
			}
		}
		return nil
	})
	for _, tenure := range owned {
		b.expectDisowned(context.Cause(tenure.stream.Context()), "the context of", tenure)
	}
	b.awaitOwned(refs)
	b.expectHigherTokens(owned)
	victim.gate.open()
}

// theLateChangeNothing has a member say Done at the moment in which it freezes:
// the settlement is on its way when others own the streams.
func theLateChangeNothing(b *combinationBench) {
	refs := b.owning(2)
	victim, owned := b.largest()
	victim.freeze()
	errs := make([]error, len(owned))
	var late sync.WaitGroup
	for i, tenure := range owned {
		late.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), b.patience())
			defer cancel()
			errs[i] = tenure.stream.Done(ctx)
		})
	}
	b.awaitOwned(refs)
	victim.thaw()
	late.Wait()
	b.expectHigherTokens(owned)
	for i, tenure := range owned {
		b.expectDisowned(errs[i], "Done of", tenure)
		if b.books.effect(tenure, false) {
			b.violated("the resource accepts an effect of %v with the old token %d of %.40q", victim, tenure.stream.Token(), tenure.stream.Ref().String())
		}
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		there, err := b.isThere(ctx, tenure.stream.Ref())
		cancel()
		if b.must(err, "ask the source"); !there {
			b.violated("the late Done of %v has removed %.40q, which another owns", victim, tenure.stream.Ref().String())
		}
	}
}

func (b *combinationBench) expectDisowned(err error, what string, tenure *heardTenure) {
	if !errors.Is(err, streamlease.ErrDisowned) {
		b.violated("%s %.40q with token %d, which was lost, answers %v, not ErrDisowned", what, tenure.stream.Ref().String(), tenure.stream.Token(), err)
	}
}

// expectHigherTokens wants what others own now to have higher tokens.
func (b *combinationBench) expectHigherTokens(lost []*heardTenure) {
	for _, tenure := range lost {
		for _, owner := range b.books.ownersOf(tenure.stream.Ref()) {
			if owner.stream.Token() <= tenure.stream.Token() {
				b.violated("%v owns %.40q with token %d; %v had it with token %d before", owner.member, owner.stream.Ref().String(),
					owner.stream.Token(), tenure.member, tenure.stream.Token())
			}
		}
	}
}

// closeHandsOff has leases that nobody sees expire.
func closeHandsOff(b *combinationBench) {
	b.lasting()
	refs := b.owning(2)
	victim, _ := b.largest()
	victim.close()
	b.awaitOwned(refs)
	for _, ref := range refs {
		for _, owner := range b.books.ownersOf(ref) {
			if owner.stream.Failures()+owner.stream.Crashes() > 0 {
				b.violated("%.40q counts %d failures and %d crashes; its owner had closed", ref.String(), owner.stream.Failures(), owner.stream.Crashes())
			}
		}
	}
}

func failuresAreTriedAgain(b *combinationBench) {
	b.lasting()
	names := b.streams()
	b.failures[names[0]], b.failures[names[1]] = 1, mostFailures-1
	b.join(2)
	refs := b.announce(names...)
	b.finishAll()
	for i, failures := range []int{1, mostFailures - 1} {
		heard := b.books.tenuresOf(refs[i])
		if len(heard) != failures+1 {
			b.violated("%.40q failed %d times and was owned %d times", refs[i].String(), failures, len(heard))
		}
		for before, tenure := range heard {
			if tenure.stream.Failures() != before {
				b.violated("tenure %d of %.40q counts %d failures", before+1, refs[i].String(), tenure.stream.Failures())
			}
		}
	}
}

func failuresEndInQuarantine(b *combinationBench) {
	b.lasting()
	b.join(2)
	b.books.mu.Lock()
	b.failures["hopeless"] = -1
	b.books.mu.Unlock()
	ref := b.announce("hopeless")[0]
	b.expected = nil
	b.quarantine[ref.MessageID] = true
	b.announce(b.streams()...)
	b.await("the stream that always fails is in quarantine", b.quarantineDiffers)
	listed, err := b.instance.Quarantine()
	b.must(err, "list the quarantine")
	if evidence := append(listed[0].Endings, listed[0].Reason); !strings.Contains(strings.Join(evidence, "\n"), "the suite lets") {
		b.violated("the quarantine does not say why the stream failed, but %q", evidence)
	}
	if heard := b.books.tenuresOf(ref); len(heard) != mostFailures {
		b.violated("with MaxFailures %d the stream was tried %d times", mostFailures, len(heard))
	}
}
