package conformance

// combinationQuestion is a promise to those who run a service.
type combinationQuestion struct {
	text    string
	examine func(*combinationBench)
}

var combinationQuestions = []combinationQuestion{
	{
		text:    "What is announced is told to one member, and is gone when it is done",
		examine: whatIsAnnouncedIsDone,
	}, {
		text:    "What a member owned that died is owned by others",
		examine: theDeadAreInherited,
	}, {
		text:    "What a member owned that is cut off is owned by others, and the member is told",
		examine: theCutOffAreDisowned,
	}, {
		text:    "What arrives late from a member that lost its streams changes nothing",
		examine: theLateChangeNothing,
	}, {
		text:    "Close hands off what a member owned, and nothing is counted against it",
		examine: closeHandsOff,
	}, {
		text:    "A name that was announced more than once is owned once at a time",
		examine: doublesTakeTurns,
	}, {
		text:    "A stream that failed is tried again, and the failure is counted",
		examine: failuresAreTriedAgain,
	}, {
		text:    "A stream that failed too often goes to the quarantine, with the reason",
		examine: failuresEndInQuarantine,
	}, {
		text:    "What no hint tells of is found by the sweep",
		examine: lostHintsAreHarmless,
	}, {
		text:    "A call whose reply was lost is neither done twice nor forgotten",
		examine: lostRepliesAreHarmless,
	}, {
		text:    "Two services on the same stores hear nothing of each other",
		examine: servicesAreStrangers,
	}, {
		text:    "A malformed entry goes to the quarantine and stops nobody",
		examine: poisonStopsNobody,
	}, {
		text:    "When the stores were emptied, what is announced after that is owned once and done",
		examine: emptiedStoresServeAgain,
	},
}
