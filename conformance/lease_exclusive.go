package conformance

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/conformance/internal/history"
	"github.com/streamlease/streamlease/ports"
)

// oneLiveLeaseForAName lets many members fight for few names: first without
// expiry, where each answer must fit into one order of all calls, also with
// lost replies; then with leases that expire, of which no two may live for sure
// at the same time.
func oneLiveLeaseForAName(b *leaseBench) {
	b.fightInOneOrder()
	b.withTTL(b.fightWithExpiry)
}

const (
	fighters    = 6
	fightRounds = 40
	// fightTime ends a fight early where calls take long.
	fightTime     = 2 * time.Second
	fightMishaps  = 3
	contestedName = 3
)

// fighter is one member in a fight.
type fighter struct {
	*leaseBench
	number int
	member ports.Member
	handle *leaseHandle
	random *rand.Rand
	grant  ports.GrantID // the session; zero: each lease has a grant of its own
	began  time.Time

	broken []*leaseHandle // whose next call meets a mishap
	holds  map[string]history.Lease
	had    map[string]history.Lease
	// known has the last lease on each name that any fighter got: whoever knows
	// a lease can release it.
	known *sync.Map
	calls []history.Call
}

func (b *leaseBench) fightInOneOrder() {
	seed := rand.Uint64()
	b.journal.note(b.now(), fmt.Sprintf("%d members fight for %d names (seed %d)", fighters, contestedName, seed))
	all := make([]*fighter, fighters)
	parts := make([]func(), fighters)
	began, known := time.Now(), &sync.Map{}
	for i := range all {
		f := b.newFighter(i, seed, began)
		f.known = known
		all[i], parts[i] = f, f.fight
	}
	b.together(parts...)
	var calls []history.Call
	for _, f := range all {
		calls = append(calls, f.calls...)
	}
	if text := history.Explain(calls); text != "" {
		b.violated("%s", text)
	}
}

func (b *leaseBench) newFighter(number int, seed uint64, began time.Time) *fighter {
	f := &fighter{
		leaseBench: b,
		number:     number,
		member:     ports.Member{ID: "fighter", Incarnation: fmt.Sprintf("fighter-%d", number)},
		handle:     b.store,
		random:     rand.New(rand.NewPCG(seed, uint64(number))),
		began:      began,
		holds:      map[string]history.Lease{},
		had:        map[string]history.Lease{},
	}
	if number%2 == 1 {
		f.handle = b.another()
	}
	if b.sessions() {
		own, _ := b.opened(f.member, fmt.Sprintf("own %d", number), long)
		f.grant = own.Grant
	}
	f.breakHandles()
	return f
}

func (f *fighter) breakHandles() {
	faults, able := can[LeaseStoreFaults](f.probe, f.instance)
	if !able {
		return
	}
	for i := range fightMishaps {
		port, err := faults.HandleWith([]Mishap{ReplyLost, CutBefore}[i%2])
		f.must(err, "make a handle with a mishap")
		f.broken = append(f.broken, f.adopt(port))
	}
}

func (f *fighter) fight() {
	for round := range fightRounds {
		if time.Since(f.began) > fightTime && round > fightRounds/4 {
			return
		}
		name := fmt.Sprintf("contested %d", f.random.IntN(contestedName))
		over := f.handle
		if len(f.broken) > 0 && f.random.IntN(6) == 0 {
			over, f.broken = f.broken[0], f.broken[1:]
		}
		lease, holds := f.holds[name]
		switch chance := f.random.IntN(10); {
		case chance < 2:
			f.look(over, name)
		case holds && chance < 8:
			f.giveBack(over, name, lease)
		case chance == 9:
			lease, _ := f.known.LoadOrStore(name, history.Lease{})
			f.giveBack(over, name, lease.(history.Lease))
		case !holds:
			f.take(over, name)
		}
	}
}

// record adds a call to the history.
func (f *fighter) record(call history.Call, make func()) *history.Call {
	call.Client = f.number
	call.Begin = int64(time.Since(f.began))
	make()
	call.Return = int64(time.Since(f.began))
	f.calls = append(f.calls, call)
	return &f.calls[len(f.calls)-1]
}

func (f *fighter) take(over *leaseHandle, name string) {
	request := ports.AcquireRequest{Ref: ref(name), Grant: f.grant, Floor: f.had[name].Token}
	if request.Grant.IsZero() {
		request.Grant, request.Open = f.newGrant(), true
	}
	var result ports.AcquireResult
	call := f.record(history.Call{Kind: history.Acquire, Name: name, Floor: request.Floor, Lease: history.Lease{Grant: request.Grant}}, func() {
		results, _ := over.acquire(f.member, long, request)
		result = results[0]
	})
	switch {
	case result.Err == nil:
		call.Answer, call.Lease.Token = history.Yes, result.Token
		f.holds[name] = call.Lease
		f.had[name] = call.Lease
		f.known.Store(name, call.Lease)
	case isHeld(result.Err):
		call.Answer, call.Holder = history.No, leaseOf(result.Holder)
	case isUnknown(result.Err):
		call.Return = history.Never
		f.had[name] = history.Lease{Grant: request.Grant}
		f.look(f.handle, name)
	default:
		f.stop("Acquire in a fight answers %v; the grant lives, and the store has room", result.Err)
	}
}

func (f *fighter) giveBack(over *leaseHandle, name string, lease history.Lease) {
	if lease.Token == 0 {
		return
	}
	delete(f.holds, name)
	var result ports.ReleaseResult
	call := f.record(history.Call{Kind: history.Release, Name: name, Lease: lease}, func() {
		results, _ := over.release(ports.ReleaseRequest{Lease: ports.Lease{Ref: ref(name), Grant: lease.Grant, Token: lease.Token}})
		result = results[0]
	})
	switch {
	case result.Err != nil:
		call.Return = history.Never
	case result.Changed:
		call.Answer = history.Yes
	default:
		call.Answer = history.No
	}
}

// look finds out, too, what became of an Acquire whose outcome is unknown.
func (f *fighter) look(over *leaseHandle, name string) {
	var result ports.InspectResult
	call := f.record(history.Call{Kind: history.Inspect, Name: name}, func() {
		results, _ := over.inspect(name)
		result = results[0]
	})
	switch {
	case result.Err != nil:
		call.Return = history.Never
	case result.Held:
		call.Answer, call.Holder = history.Yes, leaseOf(result.Holder)
		if call.Holder.Grant == f.had[name].Grant && result.Holder.Member == f.member {
			f.holds[name], f.had[name] = call.Holder, call.Holder
		}
	default:
		call.Answer = history.No
	}
}

func leaseOf(holder ports.Holder) history.Lease {
	return history.Lease{Grant: holder.Lease.Grant, Token: holder.Lease.Token}
}

// tenure is a lease that expires: what is known of the time when it lived.
type tenure struct {
	name     string
	member   ports.Member
	token    ports.Token
	acquired span
	// surely is when it lived for sure: from the answer to its Acquire on, for
	// its TTL from when the last call that extended it was sent, or until its
	// Release was sent.
	surely span
}

// fightWithExpiry is conclusive when a name was taken after an expiry.
func (b *leaseBench) fightWithExpiry(ttl time.Duration) (conclusive bool) {
	b.journal.note(b.now(), fmt.Sprintf("%d members fight for leases of %v, which they forget to release", fighters, ttl))
	found := make([][]tenure, fighters)
	parts := make([]func(), fighters)
	until := b.now() + 4*ttl
	if b.isVirtual() {
		until += 30 * ttl // which costs nothing
	}
	for i := range parts {
		handle := b.store
		if i%2 == 1 {
			handle = b.another()
		}
		parts[i] = func() { found[i] = b.forgetful(i, handle, ttl, until) }
	}
	b.together(parts...)
	tenures := slices.Concat(found...)
	slices.SortFunc(tenures, func(a, b tenure) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.token, b.token))
	})
	for i, later := range tenures[min(1, len(tenures)):] {
		if earlier := tenures[i]; earlier.name == later.name {
			b.compareTenures(earlier, later)
			conclusive = conclusive || earlier.surely.began < earlier.surely.ended && later.acquired.began > earlier.surely.ended
		}
	}
	return conclusive
}

// forgetful acquires, renews and mostly forgets to release.
func (b *leaseBench) forgetful(number int, handle *leaseHandle, ttl, until time.Duration) (tenures []tenure) {
	random := rand.New(rand.NewPCG(uint64(number), uint64(ttl)))
	member := ports.Member{ID: "forgetful", Incarnation: fmt.Sprintf("forgetful-%d", number)}
	for b.now() < until {
		name := fmt.Sprintf("forgotten %d for %v", random.IntN(contestedName), ttl)
		request := ports.AcquireRequest{Ref: ref(name), Grant: b.newGrant(), Open: true}
		results, when := handle.acquire(member, ttl, request)
		if results[0].Err == nil {
			last := tenure{name: name, member: member, token: results[0].Token, acquired: when, surely: span{when.ended, when.began + ttl}}
			b.live(handle, ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: last.token}, ttl, random, &last)
			tenures = append(tenures, last)
		}
		// In real time this is what keeps the fight from being a flood.
		b.pass(time.Duration(random.Int64N(int64(ttl) / 4)))
	}
	return tenures
}

// live is what a member does with its lease.
func (b *leaseBench) live(handle *leaseHandle, lease ports.Lease, ttl time.Duration, random *rand.Rand, last *tenure) {
	if random.IntN(2) == 0 {
		results, when := handle.renew(ttl, lease.Grant)
		if results[0].Err == nil {
			last.surely.ended = max(last.surely.ended, when.began+ttl)
		}
	}
	if random.IntN(4) == 0 {
		last.surely.ended = min(last.surely.ended, b.now())
		handle.release(ports.ReleaseRequest{Lease: lease})
	}
}

// compareTenures looks at two tenures of one name, in the order of their
// tokens.
func (b *leaseBench) compareTenures(earlier, later tenure) {
	switch {
	case earlier.token == later.token:
		b.violated("%s got token %d twice, for %s and for %s", shortName(later.name), later.token, earlier.member.Incarnation, later.member.Incarnation)
	case later.acquired.ended < earlier.acquired.began:
		b.violated("%s got token %d before token %d", shortName(later.name), later.token, earlier.token)
	}
	from, to := max(earlier.surely.began, later.surely.began), min(earlier.surely.ended, later.surely.ended)-b.limits.ClockStep
	if from < to {
		b.violated("%s has two live leases between %v and %v: token %d of %s and token %d of %s", shortName(later.name), from, to,
			earlier.token, earlier.member.Incarnation, later.token, later.member.Incarnation)
	}
}
