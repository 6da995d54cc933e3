package failures_test

import (
	"context"
	"slices"
	"sync"

	"github.com/streamlease/streamlease"
)

// application is what a member does with its streams: it writes one effect to
// the resource when a tenure begins, and holds the stream until it is told to
// finish it.
type application struct {
	reporter reporter
	effects  resource
	workers  sync.WaitGroup
	// claimer is who claims what others lost; nil: nobody needs to.
	claimer *streamlease.Client
	// deadly are the streams that kill the process.
	deadly []string
	// toil is how it works when nobody tells it what to do; nil: somebody does.
	toil *toil
	// deaf is held while the application reads no notification.
	deaf sync.RWMutex

	mu        sync.Mutex
	finishing bool // whatever comes
	jobs      []*job
	claimed   map[*streamlease.Stream]bool
}

// job is the work on one tenure.
type job struct {
	stream *streamlease.Stream
	finish chan struct{} // closed when the test wants the stream finished
	once   sync.Once
}

func newApplication(reporter reporter, effects resource) *application {
	return &application{reporter: reporter, effects: effects}
}

// listen works on what comes until the client has ended.
func (a *application) listen(notifications <-chan streamlease.Notification) {
	for {
		a.awaitHearing()
		n, open := <-notifications
		if !open {
			return
		}
		switch n.Kind {
		case streamlease.StreamAdded:
			a.begin(n.Stream)
		case streamlease.StreamExpired:
			a.reporter.send(report{Event: eventExpired, Ref: n.Ref})
			if a.claimer != nil {
				a.workers.Go(func() { a.claim(n.Ref) })
			}
		case streamlease.StreamDisowned:
			a.reporter.send(report{Event: eventDisowned, Ref: n.Ref, Token: n.Token})
		case streamlease.StreamTerminated:
			a.reporter.send(report{Event: eventTerminated, Err: errorName(n.Err)})
		}
	}
}

func (a *application) awaitHearing() {
	a.deaf.RLock()
	defer a.deaf.RUnlock()
}

// claim tries to own what somebody lost. All members do so, and one is first. Two
// Claims of one stream, when its expiry was told twice, answer the same tenure.
func (a *application) claim(ref streamlease.StreamRef) {
	ctx, cancel := context.WithTimeout(context.Background(), memberPatience)
	defer cancel()
	stream, err := a.claimer.Claim(ctx, ref)
	if err != nil {
		a.reporter.send(report{Event: eventLostTheRace, Ref: ref, Err: errorName(err)})
		return
	}
	if a.isNew(stream) {
		a.begin(stream)
	}
}

// isNew is true for one caller for each tenure.
func (a *application) isNew(stream *streamlease.Stream) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.claimed[stream] {
		return false
	}
	if a.claimed == nil {
		a.claimed = map[*streamlease.Stream]bool{}
	}
	a.claimed[stream] = true
	return true
}

// begin works on a tenure from its one announcement on.
func (a *application) begin(stream *streamlease.Stream) {
	a.reporter.send(report{
		Event: eventAdded, Ref: stream.Ref(), Token: stream.Token(),
		Failures: stream.Failures(), Crashes: stream.Crashes(),
	})
	if slices.Contains(a.deadly, stream.Ref().Name) {
		killThisProcess()
	}
	job := &job{stream: stream, finish: make(chan struct{})}
	a.mu.Lock()
	a.jobs = append(a.jobs, job)
	if a.finishing {
		job.wanted()
	}
	a.mu.Unlock()
	a.workers.Go(func() { a.work(job) })
}

// work ends with the tenure.
func (a *application) work(job *job) {
	ended := job.stream.Context()
	if !a.effect(ended, job.stream, firstEffect) {
		return
	}
	if a.toil != nil {
		a.toilOn(ended, job.stream)
		return
	}
	select {
	case <-job.finish:
		a.complete(ended, job.stream)
	case <-ended.Done():
	}
}

// complete writes the last effect before it says Done: whoever says it first
// and dies has lost the work.
func (a *application) complete(ctx context.Context, stream *streamlease.Stream) {
	if a.effect(ctx, stream, lastEffect) {
		a.settle(stream)
	}
}

// effect reports whether the resource accepted it. It is written until there is
// an answer: the client of a busy machine has no connection at times.
func (a *application) effect(ctx context.Context, stream *streamlease.Stream, kind effectKind) bool {
	accepted, err := a.effects.write(ctx, stream.Ref(), stream.Token(), kind)
	for err != nil && ctx.Err() == nil {
		accepted, err = a.effects.write(ctx, stream.Ref(), stream.Token(), kind)
	}
	wrote := report{
		Event: eventWrote, Ref: stream.Ref(), Token: stream.Token(), Finish: kind == lastEffect, Err: errorName(err),
	}
	if err == nil && !accepted {
		wrote.Err = errRefused
	}
	a.reporter.send(wrote)
	return accepted
}

func (a *application) settle(stream *streamlease.Stream) {
	ctx, cancel := context.WithTimeout(context.Background(), memberPatience)
	defer cancel()
	about := report{Event: eventSettling, Ref: stream.Ref(), Token: stream.Token()}
	a.reporter.send(about)
	about.Event, about.Err = eventSettled, errorName(stream.Done(ctx))
	a.reporter.send(about)
}

// finish lets the work on the streams end; with none named, all work.
func (a *application) finish(refs []streamlease.StreamRef) {
	named := map[streamlease.StreamRef]bool{}
	for _, ref := range refs {
		named[ref] = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.finishing = a.finishing || len(refs) == 0
	for _, job := range a.jobs {
		if a.finishing || named[job.stream.Ref()] {
			job.wanted()
		}
	}
}

func (j *job) wanted() { j.once.Do(func() { close(j.finish) }) }

// insist finishes every tenure there ever was, those too that have ended.
func (a *application) insist() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, job := range a.jobs {
		a.workers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), memberPatience)
			defer cancel()
			a.effect(ctx, job.stream, lastEffect)
			a.settle(job.stream)
		})
	}
}

// wait returns when all work has ended.
func (a *application) wait() { a.workers.Wait() }
