package driver

import (
	"context"

	"github.com/streamlease/streamlease/core"
)

// Observer hears of each call to a port. Its methods are called concurrently.
type Observer interface {
	// Begin is called just before the call that the command asks for is made,
	// in its time. The call gets the ctx that it returns.
	Begin(ctx context.Context, command core.Command) (context.Context, Observation)
}

// Observation is what an Observer keeps of a call that is under way.
type Observation interface {
	// Returned is called as soon as the call has returned, with the answer that
	// the machine gets. It must be quick: the answer waits for it.
	Returned(answer core.Event)
	// End is called when the machine has the answer. It may take its time.
	End()
}
