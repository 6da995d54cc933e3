package sim

import (
	"runtime/debug"

	"github.com/streamlease/streamlease/core"
)

// panicked makes a violation of a panic in what is run: a search then ends with
// its seed, and it can be replayed and shrunk like any other. It is deferred.
func (w *World) panicked(result *Result) {
	thrown := recover()
	if thrown == nil {
		return
	}
	stack := debug.Stack()
	w.observer.violated(Sound, nil, core.StreamRef{}, 0, "panic: %v", thrown)
	*result = w.result()
	result.Stack = string(stack)
}
