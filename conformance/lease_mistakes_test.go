package conformance

import (
	"slices"
	"strings"

	"github.com/streamlease/streamlease/ports"
)

// leaseMistake is what is wrong with a plain lease store, in words.
type leaseMistake string

// The mistakes.
const (
	none leaseMistake = ""

	storesShareAll              leaseMistake = "two stores share their leases"
	changesItsShape             leaseMistake = "Shape answers something else the second time"
	acquireRevives              leaseMistake = "Acquire brings an expired grant back"
	renewRevives                leaseMistake = "Renew brings an expired grant back"
	takingIsNoChange            leaseMistake = "what is taken from a dead grant does not raise its change number"
	answersTheLastTally         leaseMistake = "every item of an Acquire answers the tally of the last"
	believesInDeletedKeys       leaseMistake = "Renew does not notice that leases were removed from outside"
	roundsTTLs                  leaseMistake = "a TTL is rounded down to whole seconds"
	expiresEarly                leaseMistake = "leases expire a second early"
	expiresLate                 leaseMistake = "leases expire a second late"
	checksThenSets              leaseMistake = "Acquire looks whether the name is free, and takes it in a second step"
	leavesTheNameWithTheDead    leaseMistake = "Acquire leaves a name in the set of its dead holder"
	ownLeasesAreNoHolder        leaseMistake = "a member may acquire what it holds itself"
	foldsCase                   leaseMistake = "names are compared without regard to case"
	cutsNamesAtNUL              leaseMistake = "a name ends at a NUL"
	trimsNames                  leaseMistake = "spaces around a name are dropped"
	cutsLongNames               leaseMistake = "names are cut after 60,000 bytes"
	acquireShortens             leaseMistake = "Acquire shortens its grant"
	acquireExtendsNothing       leaseMistake = "Acquire does not extend its grant"
	opensWithOneChange          leaseMistake = "a grant that was just opened has the change number 1"
	opensNothing                leaseMistake = "Open makes a lease without a grant"
	acquireMakesGrants          leaseMistake = "Acquire makes a grant without Open"
	renewMakesGrants            leaseMistake = "Renew makes a grant that is not there"
	openStartsAnew              leaseMistake = "Open for a grant that lives begins it anew"
	openRevives                 leaseMistake = "Open brings an expired grant back"
	namesTheCallerAsHolder      leaseMistake = "ErrHeld names the caller as the holder"
	answersTheHoldersTally      leaseMistake = "ErrHeld answers the tally of the holder's grant"
	acquiresWithoutMemory       leaseMistake = "Acquire works when the store is out of memory"
	ignoresTheFloor             leaseMistake = "the floor is ignored"
	theFloorIsEnough            leaseMistake = "the token may be the floor itself"
	countsInEachGrant           leaseMistake = "every grant counts its own tokens"
	countsInEachHandle          leaseMistake = "every process counts its own tokens"
	releasesInTwoSteps          leaseMistake = "Release looks whether the lease is still there, and removes it in a second step"
	forgetsHighFloors           leaseMistake = "a token above a high floor is not remembered"
	tokensWithoutClock          leaseMistake = "tokens are counted from 1, without the clock"
	losesTheCounterInARestart   leaseMistake = "a restart loses the last tokens and the clock goes back"
	tokensInMilliseconds        leaseMistake = "the clock counts for tokens in milliseconds"
	renewShortens               leaseMistake = "Renew shortens a grant"
	renewExtendsNothing         leaseMistake = "Renew extends nothing"
	renewAddsToWhatIsLeft       leaseMistake = "Renew adds the TTL to what is left"
	renewAnswersOneTally        leaseMistake = "Renew answers the tally of the first grant for all"
	renewOfTheDeadIsFine        leaseMistake = "Renew of a grant that is not there succeeds"
	oneDeadGrantFailsAll        leaseMistake = "one grant that is not there makes the Renew of another fail"
	renewNeedsMemory            leaseMistake = "Renew is refused when the store is out of memory"
	listsNoDeadGrants           leaseMistake = "Leases does not list what an expired grant left behind"
	everyPageIsTheFirst         leaseMistake = "Leases ignores its cursor"
	pagesHaveNoLimit            leaseMistake = "Leases ignores its limit"
	pagesSkipOne                leaseMistake = "between two pages one lease is left out"
	theCursorIsAPosition        leaseMistake = "the cursor of Leases is a position in a list that changes"
	unknownGrantsAreEmpty       leaseMistake = "Leases of an unknown grant is an empty page"
	dropsWhatIsLeftSoon         leaseMistake = "what an expired grant left behind is dropped after a while"
	keepsEmptyGrants            leaseMistake = "dead grants in which nothing is left are kept"
	neverSaysExpired            leaseMistake = "Leases never says that a grant is over"
	countsThePage               leaseMistake = "Leases answers the number of leases on the page as the count"
	forgetsMessageIDs           leaseMistake = "the message ID is not remembered"
	releaseNeedsTheMessageID    leaseMistake = "Release needs the message ID too"
	releasesOne                 leaseMistake = "only the first item of a Release is released"
	releaseIgnoresTheToken      leaseMistake = "Release ignores the token"
	releaseTakesNewerTokens     leaseMistake = "Release takes a newer token for the right one"
	releaseIgnoresTheGrant      leaseMistake = "Release ignores the grant"
	releaseOfTheDeadDoesNothing leaseMistake = "Release does nothing for what an expired grant left behind"
	alwaysChanged               leaseMistake = "Changed is always true"
	endsNoGrant                 leaseMistake = "EndGrant does nothing"
	endsFullGrants              leaseMistake = "EndGrant ends a grant with leases in it"
	noNameMeansAll              leaseMistake = "a Release without a name releases all of the grant"
	endsOneGrantOfACall         leaseMistake = "a Release ends one grant, whatever the number of requests with EndGrant"
	remembersTheFirstTTL        leaseMistake = "Renew goes by the TTL of a grant's first renewal"
	looksOnceForEachName        leaseMistake = "Inspect answers once for a name that is asked for twice"
	messageIDsAreNumbers        leaseMistake = "a message ID is kept as a number"
	heldWhateverTheGrant        leaseMistake = "Acquire of a held name is ErrHeld, also in a grant that is not there"
	releaseNeedsMemory          leaseMistake = "Release is refused when the store is out of memory"
	inspectKnowsMembersByID     leaseMistake = "Inspect does not tell incarnations apart"
	inspectExtends              leaseMistake = "Inspect extends the lease"
	inspectCollects             leaseMistake = "Inspect removes what an expired grant left behind"
	inspectSeesTheDead          leaseMistake = "Inspect says that expired leases are held"
	theDeadHoldOn               leaseMistake = "a name stays held until its dead grant was collected"
	countsTheTimePassed         leaseMistake = "ExpiresIn is the whole TTL, however much of it has passed"
	answersInOrderOfNames       leaseMistake = "an Acquire answers in the order of the names"
	cutsHugeBatches             leaseMistake = "a batch is cut after 1,000 items"
	cachesInspections           leaseMistake = "a handle remembers what Inspect has answered"
	outstaysItsCtx              leaseMistake = "a Renew that is not answered ends a second after its deadline"
	doesWhatIsRefused           leaseMistake = "what is refused is done all the same"
	refusalsAreUnknown          leaseMistake = "a refusal is answered as an unknown outcome"
	takesUnknownForNo           leaseMistake = "a cut connection is answered as a refusal"
	repeatsAfterACut            leaseMistake = "a call is sent again after a cut"
)

// leaseMistakes says by which sentence each must be caught, named by where it
// stands and how it begins.
var leaseMistakes = []struct {
	mistake      leaseMistake
	where, start string
}{
	{storesShareAll, "LeaseStore", "LeaseStore keeps"},
	{changesItsShape, "LeaseStore.Shape", "Shape is"},
	{acquireRevives, "LeaseStore", "An expired lease"},
	{renewRevives, "LeaseStore", "An expired lease"},
	{takingIsNoChange, "LeaseStore", "Every change"},
	{answersTheLastTally, "LeaseStore", "The change numbers"},
	{believesInDeletedKeys, "LeaseStore", "an Acquire, a Release"},
	{roundsTTLs, "LeaseStore.Acquire", "Acquire leases names"},
	{expiresEarly, "LeaseStore.Acquire", "Acquire leases names"},
	{expiresLate, "LeaseStore.Acquire", "Acquire leases names"},
	{checksThenSets, "LeaseStore.Acquire", "At most one"},
	{releasesInTwoSteps, "LeaseStore.Acquire", "At most one"},
	{ownLeasesAreNoHolder, "LeaseStore.Acquire", "a name that any live"},
	{acquireShortens, "LeaseStore.Acquire", "The lease joins"},
	{acquireExtendsNothing, "LeaseStore.Acquire", "The lease joins"},
	{opensNothing, "LeaseStore.Acquire", "A request with Open"},
	{opensWithOneChange, "LeaseStore.Acquire", "A request with Open"},
	{acquireMakesGrants, "LeaseStore.Acquire", "Without Open"},
	{renewMakesGrants, "LeaseStore.Acquire", "a call that executes late"},
	{openStartsAnew, "LeaseStore.Acquire", "Open for a grant"},
	{openRevives, "LeaseStore.Acquire", "for one that is over"},
	{namesTheCallerAsHolder, "AcquireResult.Holder", "Holder is"},
	{answersTheHoldersTally, "AcquireResult.Tally", "Tally is"},
	{acquiresWithoutMemory, "LeaseStore.Acquire", "When the store is out"},
	{ignoresTheFloor, "LeaseStore.Acquire", "The token is greater"},
	{theFloorIsEnough, "LeaseStore.Acquire", "The token is greater"},
	{countsInEachGrant, "LeaseStore.Acquire", "The token is greater"},
	{countsInEachHandle, "LeaseStore.Acquire", "The token is greater"},
	{forgetsHighFloors, "LeaseStore.Acquire", "The token is greater"},
	{tokensWithoutClock, "LeaseStore.Acquire", "also after the store"},
	{losesTheCounterInARestart, "LeaseStore.Acquire", "also after the store"},
	{tokensInMilliseconds, "LeaseStore.Acquire", "max(counter"},
	{renewShortens, "LeaseStore.Renew", "Renew extends"},
	{renewExtendsNothing, "LeaseStore.Renew", "Renew extends"},
	{renewAddsToWhatIsLeft, "LeaseStore.Renew", "Renew extends"},
	{renewAnswersOneTally, "LeaseStore.Renew", "Renew extends"},
	{renewOfTheDeadIsFine, "LeaseStore.Renew", "A grant that"},
	{oneDeadGrantFailsAll, "LeaseStore.Renew", "A grant that"},
	{renewNeedsMemory, "LeaseStore.Renew", "Renew works"},
	{listsNoDeadGrants, "LeaseStore.Leases", "Leases pages"},
	{leavesTheNameWithTheDead, "LeaseStore.Leases", "Leases pages"},
	{everyPageIsTheFirst, "LeaseStore.Leases", "The cursor"},
	{pagesHaveNoLimit, "LeaseStore.Leases", "The cursor"},
	{pagesSkipOne, "LeaseStore.Leases", "The cursor"},
	{theCursorIsAPosition, "LeaseStore.Leases", "A lease that is there"},
	{unknownGrantsAreEmpty, "LeaseStore.Leases", "A grant that the store"},
	{dropsWhatIsLeftSoon, "LeaseStore.Leases", "What an expired"},
	{keepsEmptyGrants, "LeaseStore.Leases", "a grant with nothing"},
	{neverSaysExpired, "LeasePage.Expired", "Expired"},
	{countsThePage, "LeasePage.Tally", "Tally is"},
	{forgetsMessageIDs, "Lease.Ref", "Ref.Name"},
	{releaseNeedsTheMessageID, "Lease.Ref", "Ref.Name"},
	{releasesOne, "LeaseStore.Release", "Release gives"},
	{releaseIgnoresTheToken, "LeaseStore.Release", "It needs"},
	{releaseTakesNewerTokens, "LeaseStore.Release", "It needs"},
	{releaseIgnoresTheGrant, "LeaseStore.Release", "It needs"},
	{releaseOfTheDeadDoesNothing, "LeaseStore.Leases", "What an expired"},
	{alwaysChanged, "ReleaseResult.Changed", "Changed"},
	{endsNoGrant, "LeaseStore.Release", "With EndGrant"},
	{endsFullGrants, "LeaseStore.Release", "With EndGrant"},
	{noNameMeansAll, "LeaseStore.Release", "a request without"},
	{endsOneGrantOfACall, "LeaseStore.Release", "With EndGrant"},
	{remembersTheFirstTTL, "LeaseStore.Renew", "Renew extends"},
	{looksOnceForEachName, "LeaseStore.Inspect", "Inspect says"},
	{messageIDsAreNumbers, "Lease.Ref", "Ref.Name"},
	{heldWhateverTheGrant, "LeaseStore.Acquire", "Without Open"},
	{releaseNeedsMemory, "LeaseStore.Release", "Release works"},
	{inspectKnowsMembersByID, "LeaseStore.Inspect", "Inspect says"},
	{inspectExtends, "LeaseStore.Inspect", "It changes"},
	{inspectCollects, "LeaseStore.Inspect", "It changes"},
	{inspectSeesTheDead, "InspectResult.Held", "Held"},
	{theDeadHoldOn, "InspectResult.Held", "Held"},
	{countsTheTimePassed, "Holder.ExpiresIn", "ExpiresIn"},
	{answersInOrderOfNames, "ports", "Batch in"},
	{cutsHugeBatches, "ports", "Batch in"},
	{foldsCase, "ports", "Names are"},
	{cutsNamesAtNUL, "ports", "Names are"},
	{trimsNames, "ports", "Names are"},
	{cutsLongNames, "ports", "Names are"},
	{cachesInspections, "ports", "It does not retry"},
	{outstaysItsCtx, "ports", "Every call comes"},
	{doesWhatIsRefused, "ports", "An error for"},
	{refusalsAreUnknown, "ports", "An error for"},
	{takesUnknownForNo, "ports", "then the outcome"},
	{repeatsAfterACut, "ports", "a command that"},
}

// ofSessionsOnly need a grant with more than one lease in it, now or once.
var ofSessionsOnly = []leaseMistake{
	takingIsNoChange, answersTheLastTally, acquireShortens, acquireExtendsNothing, openStartsAnew,
	renewAnswersOneTally, everyPageIsTheFirst, pagesHaveNoLimit, pagesSkipOne,
	theCursorIsAPosition, countsThePage, endsNoGrant, endsOneGrantOfACall,
}

// elsewhereOfSingles are the sentences by which a mistake must be caught where
// each lease has a grant of its own, if not by the same as in sessions.
var elsewhereOfSingles = map[leaseMistake]struct{ where, start string }{
	opensWithOneChange:       {"LeaseStore", "Every change"},
	leavesTheNameWithTheDead: {"LeaseStore.Leases", "a grant with nothing"},
	endsFullGrants:           {"LeaseStore.Release", "a request without"},
}

func wrongLeaseStores() []wrongAdapter {
	var wrong []wrongAdapter
	for _, m := range leaseMistakes {
		s := leaseStoreSuite(newPlainHarness(ports.GrantPerMember, m.mistake))
		wrong = append(wrong, wrongAdapter{string(m.mistake), ports.GrantPerMember, s.sentence(m.where, m.start), s})
		if slices.Contains(ofSessionsOnly, m.mistake) {
			continue
		}
		s = leaseStoreSuite(newPlainHarness(ports.GrantPerLease, m.mistake))
		if elsewhere, is := elsewhereOfSingles[m.mistake]; is {
			m.where, m.start = elsewhere.where, elsewhere.start
		}
		wrong = append(wrong, wrongAdapter{string(m.mistake), ports.GrantPerLease, s.sentence(m.where, m.start), s})
	}
	return wrong
}

// sentence finds the one that stands there and begins so.
func (s suite) sentence(where, start string) Sentence {
	var found []Sentence
	for _, q := range s.questions {
		if q.sentence.Where == where && strings.HasPrefix(q.sentence.Text, start) {
			found = append(found, q.sentence)
		}
	}
	if len(found) != 1 {
		panic("not exactly one sentence at " + where + " begins with " + start)
	}
	return found[0]
}
