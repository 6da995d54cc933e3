package report

import (
	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/suite"
)

// goal is a row of the table: a figure, and what it must be for each store.
type goal struct {
	what        string
	measurement string
	figure      string
	native      bound
	locks       bound // redsync and redislock
}

// bound is what a figure must be. The zero value asks for nothing.
type bound struct {
	kind   boundKind
	number float64
}

type boundKind int

const (
	none boundKind = iota
	atMost
	atLeast
)

func most(number float64) bound { return bound{atMost, number} }

func least(number float64) bound { return bound{atLeast, number} }

func (b bound) holds(number float64) bool {
	switch b.kind {
	case atMost:
		return number <= b.number
	case atLeast:
		return number >= b.number
	default:
		return true
	}
}

func (g goal) bound(store string) bound {
	switch store {
	case member.Goredis:
		return g.native
	case member.Redsync, member.Redislock:
		return g.locks
	default:
		return bound{}
	}
}

// goals are the rows, in order.
var goals = []goal{
	{"client commands a stream-second, 10,000 held", suite.Steady10k, measure.CommandsEach, most(0.001), most(1.6)},
	{"round trips a stream-second", suite.Steady10k, measure.RoundTripsEach, bound{}, most(0.01)},
	{"commands executed a stream-second, those inside scripts too", suite.Steady10k, measure.ExecutedEach, bound{}, bound{}},
	{"Redis CPU a stream-second, 10,000 held, µs", suite.Steady10k, measure.ServerEach, bound{}, most(15)},
	{"client CPU a stream-second, 10,000 held, µs", suite.Steady10k, measure.ClientEach, bound{}, most(12)},
	{"Redis CPU a stream-second, 100,000 held, µs", suite.Steady100k, measure.ServerEach, most(0.05), bound{}},
	{"client CPU a stream-second, 100,000 held, µs", suite.Steady100k, measure.ClientEach, most(0.2), bound{}},
	{"the sweep: Redis CPU, % of a core", suite.Sweeping, measure.SweepServerShare, most(1), most(1)},
	{"the sweep: CPU of all members, % of a core", suite.Sweeping, measure.SweepClientShare, most(1), most(1)},
	{"client memory a stream, 10,000 held, resident bytes", suite.Steady10k, measure.ResidentEach, bound{}, bound{}},
	{"the same, 100,000 held with a TTL of 10 s", suite.Patient100k, measure.ResidentEach, bound{}, most(1024)},
	{"the same, 1,000,000 held", suite.GrowthTo(1_000_000), measure.ResidentEach, most(600), bound{}},
	{"the same, 100,000 held, with contexts", suite.Contexts100k, measure.ResidentEach, bound{}, bound{}},
	{"goroutines, 10,000 held", suite.Steady10k, measure.Goroutines, most(50), most(1_050)},
	{"goroutines, 1,000,000 held", suite.GrowthTo(1_000_000), measure.Goroutines, most(50), bound{}},
	{"Redis memory a stream, 10,000 held, bytes", suite.Steady10k, measure.MemoryEach, bound{}, bound{}},
	{"Redis memory a stream, 1,000,000 held, bytes", suite.GrowthTo(1_000_000), measure.MemoryEach, most(600), bound{}},
	{"backlog of 10,000, four members: streams a second", suite.Backlog, measure.AssignedSecond, least(30_000), least(8_000)},
	{"largest share by the smallest", suite.Backlog, measure.ShareSpread, most(1.2), most(1.2)},
	{"one of four killed, 10,000 held: p50, ms", suite.Crashing, measure.RecoveredHalf, most(2100), bound{}},
	{"last, ms", suite.Crashing, measure.RecoveredLast, most(2500), most(3500)},
	{"never owned again within a minute", suite.Crashing, measure.NotRecovered, most(0), most(0)},
	{"the same beside a million other keys: p50, ms", suite.CrashCrowded, measure.RecoveredHalf, most(2100), bound{}},
	{"last, ms", suite.CrashCrowded, measure.RecoveredLast, most(2500), most(3500)},
	{"never owned again within a minute", suite.CrashCrowded, measure.NotRecovered, most(0), most(0)},
	{"announce → StreamAdded, one every 250 ms: p50, ms", suite.Announcing, measure.Half, most(1), most(2)},
	{"p99, ms", suite.Announcing, measure.Most, most(5), bound{}},
	{"announce → StreamAdded, one every 25 ms: p50, ms", suite.AnnouncingFast, measure.Half, bound{}, bound{}},
	{"hand-off → owned by another: p50, ms", suite.HandingOff, measure.Half, most(3), most(3)},
	{"p99, ms", suite.HandingOff, measure.Most, most(20), most(20)},
	{"latest renewal while 100,000 streams are claimed, ms after its time", suite.Renewing, measure.LatestRenewal, most(200), bound{}},
	{"1,000,000 held by four members for a minute, TTL 10 s: lost without cause", suite.MillionStream, measure.Spurious, most(0), bound{}},
	{"one of them killed: ms from the expiry of its leases until all were owned again", suite.MillionStream, measure.AfterExpiry, most(10_000), bound{}},
	{"longest that one command held Redis, ms; 0: less than 20", suite.MillionStream, measure.SlowestCommand, most(20), bound{}},
	{"CPU of Redis for all, % of a core", suite.MillionStream, measure.ServerShare, bound{}, bound{}},
	{"CPU of all members, % of a core", suite.MillionStream, measure.ClientShare, bound{}, bound{}},
}

// curve is a cost along the numbers of streams.
type curve struct {
	what, figure string
	file         string
	limit        float64 // of the exponent
}

var curves = []curve{
	{"commands a second, all streams", measure.CommandsSecond, "commands", 0.05},
	{"Redis CPU, % of a core, all streams", measure.ServerShare, "redis-cpu", 0.05},
	{"client CPU, % of a core, all streams", measure.ClientShare, "client-cpu", 0.05},
	{"takeover of all streams, CPU ms", measure.TakeoverCPU, "takeover", 1.05},
	{"a round of the sweep, CPU ms", measure.SweepRoundCPU, "sweep", 1.05},
}

func (c curve) points(r results) (points []point) {
	for _, streams := range suite.GrowthSizes {
		if cost, known := r.median(suite.GrowthTo(streams), member.Goredis, c.figure); known {
			points = append(points, point{float64(streams), cost})
		}
	}
	return points
}
