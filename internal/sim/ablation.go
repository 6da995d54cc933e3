package sim

import "github.com/streamlease/streamlease/core"

// Ablation turns safety rules off, one by one, to show that the simulator
// would notice. Those of the core stand in core.Ablation; these are rules of
// the stores. The zero value is safe.
type Ablation struct {
	Core core.Ablation

	// TokenNotCompared: Take accepts a lower token than one that took it.
	TokenNotCompared bool
	// SameTokenOfAnotherTaker: Take accepts the same token from anybody.
	SameTokenOfAnotherTaker bool
	// DoneNotFenced: Done takes effect whatever its token.
	DoneNotFenced bool
	// RetryTimeNotKept: Take does not look at the retry time.
	RetryTimeNotKept bool
	// AcquireDoesNotExtend: a lease joins its grant and does not extend it.
	AcquireDoesNotExtend bool
	// ReleaseByName: Release does not look at the token.
	ReleaseByName bool
	// HeldNotChecked: Acquire does not look whether the name is held.
	HeldNotChecked bool
	// UnknownGrantOpened: every Acquire opens a grant that is not there.
	UnknownGrantOpened bool
	// WritesNotFenced: the resource does not look at tokens.
	WritesNotFenced bool
}
