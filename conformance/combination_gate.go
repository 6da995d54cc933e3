package conformance

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/streamlease/streamlease/ports"
)

// gate stands between a client and its ports: it is the way by which members
// die, are cut off, and lose replies and hints. Its methods may be called
// concurrently.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // calls wait until it is closed; nil: they pass
	late   []func()      // what executes when the gate opens

	dead  atomic.Bool // no call ever arrives
	deaf  atomic.Bool // no hint arrives or leaves
	loses atomic.Int64

	member atomic.Pointer[ports.Member] // whose calls pass; nil: it has not joined
	// calls counts what was called while replies got lost, by the method's
	// name.
	calls map[string]int64

	// acquired is what Acquire answered last for a name, since it was made.
	acquired map[string]error
}

var (
	errCutOff    = errors.New("the suite cut the member off")
	errLostReply = errors.New("the suite lost the reply")
)

// hold lets calls wait. What writes and is given up meanwhile executes when the
// gate opens.
func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == nil {
		g.closed = make(chan struct{})
	}
}

// open ends what hold began, and returns when what was late has executed.
func (g *gate) open() {
	g.mu.Lock()
	if g.closed != nil {
		close(g.closed)
	}
	late := g.late
	g.closed, g.late = nil, nil
	g.mu.Unlock()
	for _, execute := range late {
		execute()
	}
}

// waits is closed when calls pass; nil: they do.
func (g *gate) waits() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

func (g *gate) executeLate(call func(context.Context)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = append(g.late, func() {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		call(ctx)
	})
}

// losesReply reports whether the answer to this call of the method gets lost:
// the first, and then one of so many.
func (g *gate) losesReply(method string) bool {
	every := g.loses.Load()
	if every == 0 {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls == nil {
		g.calls = map[string]int64{}
	}
	g.calls[method]++
	return g.calls[method]%every == 1
}

// pass makes a call of the method through the gate.
func pass[Answer any](ctx context.Context, g *gate, method string, writes bool, call func(context.Context) (Answer, error)) (answer Answer, err error) {
	if g.dead.Load() {
		<-ctx.Done()
		return answer, errors.Join(errCutOff, ctx.Err())
	}
	if waits := g.waits(); waits != nil {
		select {
		case <-waits:
		case <-ctx.Done():
			if writes {
				g.executeLate(func(ctx context.Context) { _, _ = call(ctx) })
			}
			return answer, errors.Join(errCutOff, ctx.Err())
		}
	}
	made, err := call(ctx)
	if g.losesReply(method) {
		return answer, errLostReply
	}
	return made, err
}

// noteAcquires begins to note what Acquire answers.
func (g *gate) noteAcquires() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.acquired = map[string]error{}
}

func (g *gate) noteAcquired(requests []ports.AcquireRequest, results []ports.AcquireResult) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range min(len(requests), len(results)) {
		if g.acquired != nil {
			g.acquired[requests[i].Ref.Name] = results[i].Err
		}
	}
}

// acquireAnswered is what Acquire answered for the name since it is noted.
func (g *gate) acquireAnswered(name string) (err error, answered bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	err, answered = g.acquired[name]
	return err, answered
}

// behind are the ports as a member behind the gate has them.
func (g *gate) behind(set ports.Set) ports.Set {
	guarded := ports.Set{Source: &gatedSource{set.Source, g}, Leases: &gatedLeases{set.Leases, g}}
	if set.Notifier != nil {
		guarded.Notifier = &gatedNotifier{set.Notifier, g}
	}
	return guarded
}

// closePort ends a port that can be ended.
func closePort(port any) error {
	if closer, closes := port.(io.Closer); closes {
		return closer.Close()
	}
	return nil
}

// check asks a port that can be asked.
func (g *gate) check(ctx context.Context, port any) ([]string, error) {
	checker, checks := port.(ports.Checker)
	if !checks {
		return nil, nil
	}
	return pass(ctx, g, "Check", false, checker.Check)
}
