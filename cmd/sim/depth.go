package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/simnet"
)

// depthName is how much of a run is real.
type depthName string

const (
	modelDepth    depthName = "model"
	adaptersDepth depthName = "adapters"
)

func (d *depthName) UnmarshalText(text []byte) error {
	word, err := choose("depth", string(text), []string{string(modelDepth), string(adaptersDepth)})
	*d = depthName(word)
	return err
}

// onlyModel refuses adapters depth for a command that needs all orders of what
// may happen.
func (d depthName) onlyModel(command string) error {
	if d != adaptersDepth {
		return nil
	}
	return fmt.Errorf("--depth adapters: %s works at model depth only; run, replay, search, shrink and matrix know both", command)
}

// What cannot be had at adapters depth.
var (
	errMemoryLeases = errors.New("--lease memory: at adapters depth members are processes that meet on a server, and the memory adapter is in one process; there are goredis, redsync, redsync-quorum and redislock")
	errMemorySource = errors.New("--source memory: at adapters depth members are processes that meet on a server, and the memory adapter is in one process; there is goredis")
)

// checkDepth refuses what has no meaning at the depth that is wanted.
func (f *worldFlags) checkDepth() error {
	switch {
	case f.Depth != adaptersDepth:
		return nil
	case f.Lease == "memory":
		return errMemoryLeases
	case f.Source == "memory":
		return errMemorySource
	case f.Ablate.ofModelStores():
		return fmt.Errorf("--ablate %s: it is a rule of the model's stores; at adapters depth only rules of the core can be turned off", f.Ablate)
	default:
		return nil
	}
}

// ofModelStores reports whether real stores keep the rule, whatever is turned
// off.
func (r ruleName) ofModelStores() bool {
	off := r.off()
	off.Core = core.Ablation{}
	return off != sim.Ablation{}
}

// store is the lease store that a run at adapters depth has: the one that was
// asked for, or one that has the scenario's shape.
func (l leaseName) store(shape sim.Lease) leaseName {
	switch {
	case l != "":
		return l
	case shape == sim.Single:
		return "redislock"
	case shape == sim.Quorum:
		return "redsync-quorum"
	default:
		return "goredis"
	}
}

func (l leaseName) locks() sim.Locks {
	if l == "redsync" || l == "redsync-quorum" {
		return sim.Redsync
	}
	return sim.Redislock
}

// draw makes a world from a seed, for the depth that is wanted.
func (f *worldFlags) draw(seed uint64) sim.Scenario {
	if f.Depth != adaptersDepth {
		return sim.Draw(seed)
	}
	if f.Lease == "" {
		return sim.DrawAdapters(seed, nil)
	}
	shape := f.Lease.shape()
	return sim.DrawAdapters(seed, &shape)
}

// play runs a scenario at the depth that is wanted.
func (f *worldFlags) play(scenario sim.Scenario, options sim.Options) (result sim.Result) {
	if f.Depth != adaptersDepth {
		return sim.Run(scenario, options)
	}
	if options.Watch != nil {
		watch, watched := fromOutside(options.Watch)
		defer watched()
		options.Watch = watch
	}
	simnet.InBubble(func() { result = sim.RunAdapters(scenario, options, f.Lease.locks()) })
	return result
}

// fromOutside lets watch be called outside of the bubble in which events
// happen: a live view lets real time pass, and inside there is none.
func fromOutside(watch func(sim.Event)) (tell func(sim.Event), told func()) {
	events := make(chan sim.Event)
	var watching sync.WaitGroup
	watching.Go(func() {
		for e := range events {
			watch(e)
		}
	})
	return func(e sim.Event) { events <- e }, func() {
		close(events)
		watching.Wait()
	}
}
