package conformance

import "github.com/streamlease/streamlease/ports"

// combinationMistake is what is wrong with a port of a combination.
type combinationMistake struct {
	mistake string
	// breaks is how the sentence begins that must catch it.
	breaks string
	spoil  func(*memoryService, *ports.Set)
}

var combinationMistakes = []combinationMistake{
	{
		mistake: "the source keeps nothing for members that come later",
		breaks:  "What is announced",
		spoil: func(s *memoryService, set *ports.Set) {
			set.Source = &lateBegun{set.Source.(announcing), s}
		},
	}, {
		mistake: "the source gives back what is done",
		breaks:  "What is announced",
		spoil:   changed(func(settlement *ports.Settlement) { endAs(settlement, ports.Done, ports.HandedOff) }),
	}, {
		mistake: "leases never expire",
		breaks:  "What a member owned that died",
		spoil:   lasting(1000),
	}, {
		mistake: "leases expire when three quarters of their TTL have passed",
		breaks:  "What a member owned that is cut off",
		spoil:   lasting(0.75),
	}, {
		mistake: "the source settles for whoever asks",
		breaks:  "What arrives late",
		spoil:   func(_ *memoryService, set *ports.Set) { set.Source = &gullible{set.Source.(announcing)} },
	}, {
		mistake: "the source counts a hand-off as a failure",
		breaks:  "Close hands off",
		spoil:   changed(func(settlement *ports.Settlement) { endAs(settlement, ports.HandedOff, ports.Failed) }),
	}, {
		mistake: "the lease store gives away names that are held",
		breaks:  "A name that was announced more than once",
		spoil:   func(_ *memoryService, set *ports.Set) { set.Leases = &generous{set.Leases} },
	}, {
		mistake: "the source counts no failures",
		breaks:  "A stream that failed is tried again",
		spoil:   changed(func(settlement *ports.Settlement) { endAs(settlement, ports.Failed, ports.HandedOff) }),
	}, {
		mistake: "what goes to the quarantine is gone",
		breaks:  "A stream that failed too often",
		spoil:   changed(func(settlement *ports.Settlement) { endAs(settlement, ports.Quarantined, ports.Done) }),
	}, {
		mistake: "the source keeps no reasons",
		breaks:  "A stream that failed too often",
		spoil:   changed(func(settlement *ports.Settlement) { settlement.Reason = "" }),
	}, {
		mistake: "the source sweeps nothing but what was given back",
		breaks:  "What no hint tells of",
		spoil:   func(_ *memoryService, set *ports.Set) { set.Source = &lazy{set.Source.(announcing)} },
	}, {
		mistake: "the source takes the same settlement again for one that came too late",
		breaks:  "A call whose reply was lost",
		spoil: func(_ *memoryService, set *ports.Set) {
			set.Source = &onceOnly{announcing: set.Source.(announcing), settled: map[ports.StreamRef]bool{}}
		},
	}, {
		mistake: "services share their leases",
		breaks:  "Two services",
		spoil: func(s *memoryService, set *ports.Set) {
			if s.neighbour != nil {
				set.Leases = s.neighbour.Leases
			}
		},
	}, {
		mistake: "a malformed entry stops the source's readers",
		breaks:  "A malformed entry",
		spoil: func(s *memoryService, set *ports.Set) {
			set.Source = &stumbling{s.Source, &s.malformed}
		},
	}, {
		mistake: "a source that was emptied hands nothing out any more",
		breaks:  "When the stores were emptied",
		spoil:   func(s *memoryService, set *ports.Set) { set.Source = &groupless{set.Source.(announcing), s} },
	},
}

func wrongCombinations() []wrongAdapter {
	var wrong []wrongAdapter
	for _, m := range combinationMistakes {
		harness := &memoryCombination{shape: ports.GrantPerLease, spoil: m.spoil}
		s := combinationSuite(harness)
		wrong = append(wrong, wrongAdapter{mistake: m.mistake, breaks: s.sentence("Combination", m.breaks), suite: s})
	}
	return wrong
}
