package fencehttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// DefaultStreams is how many streams are remembered, unless Config says
// otherwise.
const DefaultStreams = 100_000

// Config says what Fences work with. The zero value will do.
type Config struct {
	// Memory remembers the highest token of each stream. Defaults to a
	// BoundedMemory of DefaultStreams.
	Memory Memory
}

// Fences are the fences of one server process. Handlers of the same Fences
// share them. They may be used concurrently.
type Fences struct {
	memory Memory
	gate   *gate
}

// New makes Fences.
func New(config Config) *Fences {
	memory := config.Memory
	if memory == nil {
		memory = NewBoundedMemory(DefaultStreams)
	}
	return &Fences{memory: memory, gate: newGate()}
}

// Handler is next behind the fence; the package comment says what it answers.
func (f *Fences) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := read(r.Header)
		switch {
		case err == nil:
			f.serve(next, w, r, who)
		case !errors.Is(err, errNoTenure):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case r.Method == http.MethodGet, r.Method == http.MethodHead, r.Method == http.MethodOptions:
			next.ServeHTTP(w, r)
		default:
			http.Error(w, err.Error(), http.StatusPreconditionRequired)
		}
	})
}

// serve lets the request through when its token is the highest.
func (f *Fences) serve(next http.Handler, w http.ResponseWriter, r *http.Request, who tenure) {
	visit, err := f.gate.enter(r.Context(), who)
	if err != nil {
		refuse(w, err)
		return
	}
	defer f.gate.leave(visit)
	if err := f.memory.Raise(visit.ctx, who.stream, who.token); err != nil {
		// A higher token that came meanwhile says more than the memory can.
		refuse(w, errors.Join(err, context.Cause(visit.ctx)))
		return
	}
	next.ServeHTTP(w, r.WithContext(context.WithValue(visit.ctx, tenureKey{}, who)))
}

// refuse answers why the handler has not run.
func refuse(w http.ResponseWriter, err error) {
	var stale *fence.StaleError
	if !errors.As(err, &stale) {
		http.Error(w, fmt.Sprintf("the fence cannot tell: %v", err), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set(HighestTokenHeader, formatToken(stale.Highest))
	http.Error(w, stale.Error(), http.StatusPreconditionFailed)
}

type tenureKey struct{}

// Tenure is who sent the request of this context: for handlers behind a fence
// that pass stream and token on to the fence of their store. It reports false
// for a request that passed without.
func Tenure(ctx context.Context) (stream string, token core.Token, found bool) {
	who, found := ctx.Value(tenureKey{}).(tenure)
	return who.stream, who.token, found
}
