package conformance

import (
	"context"

	"github.com/streamlease/streamlease/ports"
)

// beats changes what is sent with a beat.
func beats(change func(w *wrongSource, beat *ports.Beat)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.heartbeat = func(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
			change(w, &beat)
			return w.right.Heartbeat(ctx, beat)
		}
	}
}

// fleets changes what is answered to a beat.
func fleets(change func(w *wrongSource, beat ports.Beat, fleet *ports.Fleet)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.heartbeat = func(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
			fleet, err := w.right.Heartbeat(ctx, beat)
			change(w, beat, &fleet)
			return fleet, err
		}
	}
}

var wrongFleets = []sourceMistake{
	{
		mistake: "a member counts for twice as long as its beat says",
		where:   "StreamSource.Heartbeat",
		text:    "A member whose Expiry passed without another beat, or that said Leaving, is no longer counted",
		make:    beats(func(_ *wrongSource, beat *ports.Beat) { beat.Expiry *= 2 }),
	}, {
		mistake: "whoever has left stays away",
		where:   "StreamSource.Heartbeat",
		text:    "a later beat of the same incarnation joins again.",
		make: beats(func(w *wrongSource, beat *ports.Beat) {
			if beat.Leaving {
				w.memo.put("left", beat.Member)
			}
			beat.Leaving = w.memo.get(beat.Member) == "left"
		}),
	}, {
		mistake: "the version is how many members there are",
		where:   "StreamSource.Heartbeat",
		text:    "Fleet.Version rises when a member joined, left, or came to or from no room",
		make: fleets(func(w *wrongSource, beat ports.Beat, fleet *ports.Fleet) {
			beat.FleetVersion = 0
			all, _ := w.right.Heartbeat(context.Background(), beat)
			fleet.Version = int64(len(all.Members))
		}),
	}, {
		mistake: "the members are answered to everybody each time",
		where:   "StreamSource.Heartbeat",
		text:    "Members is answered only if it differs from beat.FleetVersion.",
		make:    beats(func(_ *wrongSource, beat *ports.Beat) { beat.FleetVersion = 0 }),
	}, {
		mistake: "a tenure belongs to an ID, whatever the incarnation",
		where:   "Member",
		text:    "Two processes with one ID differ in their Incarnation and are two members.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				return w.right.Take(ctx, ports.Member{ID: member.ID, Incarnation: member.ID}, requests)
			}
			w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
				return w.right.Settle(ctx, ports.Member{ID: member.ID, Incarnation: member.ID}, settlements)
			}
		},
	}, {
		mistake: "what members without room own is counted as if they had room",
		where:   "Fleet.Owned",
		text:    "Owned is the sum over all live members; OwnedWithRoom the same over those that have room.",
		make: fleets(func(_ *wrongSource, _ ports.Beat, fleet *ports.Fleet) {
			fleet.OwnedWithRoom = fleet.Owned
		}),
	}, {
		mistake: "what was delivered and not finished is part of the backlog",
		where:   "Fleet.Backlog",
		text:    "Backlog counts the assignments that nobody was given yet.",
		make: fleets(func(w *wrongSource, beat ports.Beat, fleet *ports.Fleet) {
			page, _ := w.right.Deliveries(context.Background(), beat.Member, "", 1<<20)
			fleet.Backlog += int64(len(page.Deliveries))
		}),
	}, {
		mistake: "how long the oldest waits is answered in another unit",
		where:   "Fleet.OldestWait",
		text:    "OldestWait is how long the oldest of them has waited, by the source's clock; 0 when Backlog is 0.",
		make:    fleets(func(_ *wrongSource, _ ports.Beat, fleet *ports.Fleet) { fleet.OldestWait /= 1000 }),
	},
}

var wrongTallies = []sourceMistake{
	{
		mistake: "what was only delivered counts as taken",
		where:   "StreamSource.Heartbeat",
		text:    "Fleet.Taken counts what this incarnation has taken and not settled, by the records",
		make: fleets(func(w *wrongSource, beat ports.Beat, fleet *ports.Fleet) {
			page, _ := w.right.Deliveries(context.Background(), beat.Member, "", 1<<20)
			fleet.Taken.Count = int64(len(page.Deliveries))
		}),
	}, {
		mistake: "the change number counts what is added only",
		where:   "StreamSource.Heartbeat",
		text:    "its change number rises by one with every assignment that is added (Take) or removed (Settle, a Take by another member, a purge).",
		make: fleets(func(_ *wrongSource, _ ports.Beat, fleet *ports.Fleet) {
			fleet.Taken.Change = (fleet.Taken.Change + fleet.Taken.Count) / 2
		}),
	}, {
		mistake: "a Take that repeats an earlier one says that it changed something",
		where:   "TakeResult.Changed",
		text:    "this very call added the assignment to the member's Taken set (false when it repeats an earlier success).",
		make: takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) {
			result.Changed = result.Err == nil
		}),
	}, {
		mistake: "each item of a Take answers the tally at the end of the call",
		where:   "TakeResult.Taken",
		text:    "Taken is the member's tally right after this item.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				results, err := w.right.Take(ctx, member, requests)
				for i := range results {
					results[i].Taken = results[len(results)-1].Taken
				}
				return results, err
			}
		},
	}, {
		mistake: "each success of Settle says that it changed something",
		where:   "SettleResult.Changed",
		text:    "this very call removed the assignment from the member's Taken set.",
		make: settles(func(_ *wrongSource, _ ports.Settlement, result *ports.SettleResult) {
			result.Changed = result.Err == nil
		}),
	},
}
