package core

// State is what a member knows of the ownership of one assignment.
type State uint8

// The states. The table of transitions stands in the package comment.
const (
	Unowned State = iota
	Owned
	Disowned
	Finished
)

// String returns the state's name in the words of the design.
func (s State) String() string {
	switch s {
	case Unowned:
		return "Unowned"
	case Owned:
		return "Owned"
	case Disowned:
		return "Disowned"
	case Finished:
		return "Done"
	default:
		return "no state"
	}
}

// mayMove is the transition table: the only edges there are.
var mayMove = [4][4]bool{
	Unowned:  {Owned: true, Finished: true},
	Owned:    {Unowned: true, Disowned: true, Finished: true},
	Disowned: {Unowned: true, Owned: true, Finished: true},
	Finished: {},
}
