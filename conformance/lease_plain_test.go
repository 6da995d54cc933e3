package conformance

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// plainLeases is a lease store as plain as can be: right, but for the one
// mistake that it may have. Each mistake is one line.
type plainLeases struct {
	mistake leaseMistake
	shape   ports.GrantShape
	// realTime: the clock is the machine's, and each call takes so long more.
	realTime bool
	delay    time.Duration

	mu      sync.Mutex
	now     time.Time
	names   map[string]ports.Lease
	grants  map[ports.GrantID]*plainGrant
	counter ports.Token

	refuses, full bool
	// damaged: a key was deleted.
	damaged bool
	late    []func()
}

// plainGrant lives until its deadline, and is kept while something is in it.
type plainGrant struct {
	id       ports.GrantID
	member   ports.Member
	deadline time.Time
	leases   []ports.Lease // in the order of their tokens
	tally    ports.Tally
	firstTTL time.Duration // of its renewals
}

func newPlainLeases(shape ports.GrantShape, mistake leaseMistake) *plainLeases {
	s := &plainLeases{shape: shape, mistake: mistake, now: time.UnixMilli(1_800_000_000_000)}
	s.empty()
	return s
}

func (s *plainLeases) empty() {
	s.names, s.grants, s.counter = map[string]ports.Lease{}, map[ports.GrantID]*plainGrant{}, 0
}

// has reports whether the store makes the mistake.
func (s *plainLeases) has(mistake leaseMistake) bool { return s.mistake == mistake }

func (s *plainLeases) lives(g *plainGrant) bool {
	now := s.now
	if s.has(expiresLate) {
		now = now.Add(-time.Second)
	}
	if s.has(expiresEarly) {
		now = now.Add(time.Second)
	}
	return g != nil && g.deadline.After(now)
}

// holder is the live lease on a name, and its grant.
func (s *plainLeases) holder(name string) (ports.Lease, *plainGrant) {
	lease, found := s.names[s.key(name)]
	if g := s.grants[lease.Grant]; found && (s.lives(g) || s.has(theDeadHoldOn) && g != nil) {
		return lease, g
	}
	return ports.Lease{}, nil
}

func (s *plainLeases) key(name string) string {
	switch {
	case s.has(foldsCase):
		return strings.ToLower(name)
	case s.has(cutsNamesAtNUL):
		name, _, _ = strings.Cut(name, "\x00")
	case s.has(trimsNames):
		return strings.TrimSpace(name)
	case s.has(cutsLongNames):
		return name[:min(len(name), 60000)]
	}
	return name
}

func (s *plainLeases) acquire(member ports.Member, request ports.AcquireRequest, ttl time.Duration) ports.AcquireResult {
	if s.full && !s.has(acquiresWithoutMemory) {
		return ports.AcquireResult{Err: refusal("out of memory")}
	}
	if s.has(roundsTTLs) {
		ttl = ttl.Truncate(time.Second)
	}
	g := s.grants[request.Grant]
	if g != nil && !s.lives(g) && request.Open && s.has(openRevives) {
		g.deadline = s.now.Add(ttl)
	}
	if g != nil && !s.lives(g) && s.has(acquireRevives) {
		g.deadline = s.now.Add(ttl)
	}
	if g == nil && !request.Open && s.has(acquireMakesGrants) || g == nil && request.Open && s.shape == ports.GrantPerMember {
		g = s.open(member, request.Grant, ttl)
	}
	if _, by := s.holder(request.Ref.Name); !s.lives(g) && (g != nil || !request.Open) && (by == nil || !s.has(heldWhateverTheGrant)) {
		return ports.AcquireResult{Err: expiredGrant(request.Grant)}
	}
	if held, by := s.holder(request.Ref.Name); by != nil && !(s.has(ownLeasesAreNoHolder) && by.member == member) {
		return s.held(held, by, g, member)
	}
	s.pauseIf(checksThenSets)
	if g == nil || request.Open && s.has(openStartsAnew) {
		g = s.open(member, request.Grant, ttl)
	}
	if left, found := s.names[s.key(request.Ref.Name)]; found && !s.has(leavesTheNameWithTheDead) {
		s.take(left)
	}
	s.extend(g, ttl, acquireShortens, acquireExtendsNothing)
	if s.has(forgetsMessageIDs) {
		request.Ref.MessageID = ""
	}
	if s.has(messageIDsAreNumbers) {
		var number int64
		_, _ = fmt.Sscan(request.Ref.MessageID, &number)
		request.Ref.MessageID = fmt.Sprint(number)
	}
	lease := ports.Lease{Ref: request.Ref, Grant: g.id, Token: s.draw(g, request.Floor)}
	s.names[s.key(request.Ref.Name)] = lease
	g.leases = append(g.leases, lease)
	g.tally.Change++
	g.tally.Count++
	return ports.AcquireResult{Token: lease.Token, Tally: g.tally}
}

func (s *plainLeases) open(member ports.Member, id ports.GrantID, ttl time.Duration) *plainGrant {
	g := &plainGrant{id: id, member: member, deadline: s.now.Add(ttl)}
	if s.has(opensWithOneChange) {
		g.tally.Change = 1
	}
	if !s.has(opensNothing) {
		s.grants[id] = g
	}
	return g
}

func (s *plainLeases) held(held ports.Lease, by, g *plainGrant, member ports.Member) ports.AcquireResult {
	result := ports.AcquireResult{Err: fmt.Errorf("%w: %.50q", ports.ErrHeld, held.Ref.Name), Holder: s.holderOf(held, by)}
	if s.has(namesTheCallerAsHolder) {
		result.Holder.Member = member
	}
	if g != nil {
		result.Tally = g.tally
	}
	if s.has(answersTheHoldersTally) {
		result.Tally = by.tally
	}
	return result
}

func (s *plainLeases) holderOf(held ports.Lease, by *plainGrant) ports.Holder {
	holder := ports.Holder{Member: by.member, Lease: held, ExpiresIn: by.deadline.Sub(s.now)}
	if s.has(countsTheTimePassed) {
		holder.ExpiresIn = long
	}
	return holder
}

// pauseIf lets others in between two steps that must be one.
func (s *plainLeases) pauseIf(mistake leaseMistake) {
	if !s.has(mistake) {
		return
	}
	s.mu.Unlock()
	for range 50 {
		runtime.Gosched()
	}
	s.mu.Lock()
}

func (s *plainLeases) extend(g *plainGrant, ttl time.Duration, shortens, extendsNothing leaseMistake) {
	deadline := s.now.Add(ttl)
	if (deadline.After(g.deadline) || s.has(shortens)) && !s.has(extendsNothing) {
		g.deadline = deadline
	}
}

func (s *plainLeases) draw(g *plainGrant, floor ports.Token) ports.Token {
	clock := ports.Token(s.now.UnixMicro())
	switch {
	case s.has(tokensInMilliseconds):
		clock = ports.Token(s.now.UnixMilli())
	case s.has(tokensWithoutClock):
		clock = 0
	case s.has(ignoresTheFloor):
		floor = 0
	case s.has(theFloorIsEnough):
		floor--
	case s.has(countsInEachGrant):
		s.counter = ports.Token(g.tally.Change)
	}
	s.counter = max(s.counter+1, clock, floor+1)
	if s.has(forgetsHighFloors) && s.counter == floor+1 {
		defer func() { s.counter = clock }()
	}
	return s.counter
}

// take removes a lease. What it was the last of goes too, if it is over.
func (s *plainLeases) take(lease ports.Lease) {
	delete(s.names, s.key(lease.Ref.Name))
	g := s.grants[lease.Grant]
	if g == nil {
		return
	}
	g.leases = slices.DeleteFunc(g.leases, func(l ports.Lease) bool { return l.Token == lease.Token })
	if !s.has(takingIsNoChange) || s.lives(g) {
		g.tally.Change++
	}
	g.tally.Count = int64(len(g.leases))
	single := s.shape == ports.GrantPerLease
	if len(g.leases) == 0 && (single || !s.lives(g)) && !s.has(keepsEmptyGrants) {
		delete(s.grants, g.id)
	}
}

func (s *plainLeases) renew(id ports.GrantID, ttl time.Duration) ports.RenewResult {
	g := s.grants[id]
	switch {
	case g == nil && s.has(renewMakesGrants):
		g = s.open(alice, id, ttl)
	case g != nil && !s.lives(g) && s.has(renewRevives):
	case !s.lives(g) && s.has(renewOfTheDeadIsFine):
		return ports.RenewResult{}
	case !s.lives(g):
		return ports.RenewResult{Err: expiredGrant(id)}
	}
	if s.full && s.has(renewNeedsMemory) {
		return ports.RenewResult{Err: refusal("out of memory")}
	}
	if g.firstTTL == 0 {
		g.firstTTL = ttl
	}
	if s.has(remembersTheFirstTTL) {
		ttl = g.firstTTL
	}
	if s.has(renewAddsToWhatIsLeft) {
		ttl += g.deadline.Sub(s.now)
	}
	s.extend(g, ttl, renewShortens, renewExtendsNothing)
	if s.damaged && !s.has(believesInDeletedKeys) {
		s.repair(g)
	}
	return ports.RenewResult{Tally: g.tally}
}

// repair notices what an operator removed.
func (s *plainLeases) repair(g *plainGrant) {
	for _, lease := range slices.Clone(g.leases) {
		if s.names[s.key(lease.Ref.Name)] != lease {
			g.leases = slices.DeleteFunc(g.leases, func(l ports.Lease) bool { return l == lease })
			g.tally.Change++
			g.tally.Count--
		}
	}
}

func (s *plainLeases) release(request ports.ReleaseRequest) (result ports.ReleaseResult) {
	if s.full && s.has(releaseNeedsMemory) {
		return ports.ReleaseResult{Err: refusal("out of memory")}
	}
	g := s.grants[request.Lease.Grant]
	found, is := s.names[s.key(request.Lease.Ref.Name)]
	switch {
	case request.Lease.Ref.Name == "" && s.has(noNameMeansAll) && g != nil:
		for _, lease := range g.leases {
			s.take(lease)
		}
	case is && s.fits(found, request.Lease):
		if !s.has(releaseOfTheDeadDoesNothing) || s.lives(s.grants[found.Grant]) {
			s.pauseIf(releasesInTwoSteps)
			s.take(s.names[s.key(request.Lease.Ref.Name)])
			result.Changed = true
		}
	}
	if s.has(alwaysChanged) && request.Lease.Ref.Name != "" {
		result.Changed = true
	}
	if g == nil {
		return result
	}
	result.Tally = g.tally
	if request.EndGrant && !s.has(endsNoGrant) && (g.tally.Count == 0 || s.has(endsFullGrants)) {
		delete(s.grants, g.id)
	}
	return result
}

func (s *plainLeases) fits(found, asked ports.Lease) bool {
	grant := found.Grant == asked.Grant || s.has(releaseIgnoresTheGrant)
	token := found.Token == asked.Token || s.has(releaseIgnoresTheToken) || s.has(releaseTakesNewerTokens) && asked.Token > found.Token
	message := found.Ref.MessageID == asked.Ref.MessageID || !s.has(releaseNeedsTheMessageID)
	return grant && token && message
}

func (s *plainLeases) page(id ports.GrantID, cursor string, limit int) (page ports.LeasePage, err error) {
	g := s.grants[id]
	if g == nil && s.has(unknownGrantsAreEmpty) {
		return page, nil
	}
	if g == nil || !s.lives(g) && (s.has(listsNoDeadGrants) || s.has(dropsWhatIsLeftSoon) && s.now.Sub(g.deadline) > 15*time.Second) {
		return page, expiredGrant(id)
	}
	after, _ := strconv.ParseInt(cursor, 10, 64)
	if s.has(everyPageIsTheFirst) {
		after = 0
	}
	page.Expired = !s.lives(g) && !s.has(neverSaysExpired)
	page.Tally = g.tally
	if s.has(theCursorIsAPosition) {
		return s.pageByPosition(page, g, int(after), limit), nil
	}
	for _, lease := range g.leases {
		if int64(lease.Token) <= after {
			continue
		}
		if len(page.Leases) == limit && !(s.has(pagesHaveNoLimit)) {
			page.Next = strconv.FormatInt(s.cursorAfter(page.Leases[limit-1], lease), 10)
			break
		}
		page.Leases = append(page.Leases, lease)
	}
	if s.has(countsThePage) {
		page.Tally.Count = int64(len(page.Leases))
	}
	return page, nil
}

func (s *plainLeases) cursorAfter(last, next ports.Lease) int64 {
	if s.has(pagesSkipOne) {
		return int64(next.Token)
	}
	return int64(last.Token)
}

func (s *plainLeases) pageByPosition(page ports.LeasePage, g *plainGrant, from, limit int) ports.LeasePage {
	from = min(from, len(g.leases))
	page.Leases = slices.Clone(g.leases[from:min(from+limit, len(g.leases))])
	if from+limit < len(g.leases) {
		page.Next = strconv.Itoa(from + limit)
	}
	return page
}

func (s *plainLeases) inspect(name string) ports.InspectResult {
	held, by := s.holder(name)
	if left, found := s.names[s.key(name)]; by == nil && found && s.has(inspectCollects) {
		s.take(left)
	}
	if left, found := s.names[s.key(name)]; by == nil && found && s.has(inspectSeesTheDead) {
		held, by = left, s.grants[left.Grant]
	}
	if by == nil {
		return ports.InspectResult{}
	}
	if s.has(inspectExtends) {
		by.deadline = by.deadline.Add(time.Second)
	}
	holder := s.holderOf(held, by)
	if s.has(inspectKnowsMembersByID) {
		holder.Member.Incarnation = "any"
	}
	return ports.InspectResult{Held: true, Holder: holder}
}

func expiredGrant(id ports.GrantID) error { return fmt.Errorf("%w: %v", ports.ErrExpired, id) }

func refusal(why string) error {
	return &ports.RefusedError{Server: "the plain store", Advice: "wait", Cause: fmt.Errorf("%s", why)}
}

// sorted is what a store does that does not keep the order of a batch.
func sorted[T any](items []T, name func(T) string) []T {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	return items
}
