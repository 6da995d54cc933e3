package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// checkpointBench is a store of checkpoints under examination.
type checkpointBench struct {
	*probe
	*pace
	harness  CheckpointsHarness
	instance CheckpointsInstance
	ends     []func() error
	// one and other are handles of two processes.
	one, other *checkpointHandle
}

// onCheckpointBench makes a check of checkpoints a check.
func onCheckpointBench(harness CheckpointsHarness, examine func(*checkpointBench)) func(*probe) {
	return func(p *probe) {
		b := newCheckpointBench(p, harness)
		defer b.close()
		examine(b)
	}
}

func newCheckpointBench(p *probe, harness CheckpointsHarness) *checkpointBench {
	b := &checkpointBench{probe: p, harness: harness}
	instance, err := harness.Open()
	p.must(err, "open a service")
	b.instance = instance
	b.pace = newPace(instance)
	b.ends = append(b.ends, instance.Close)
	b.one, b.other = b.another(), b.another()
	return b
}

// close ends the handles, then the service.
func (b *checkpointBench) close() {
	for i := len(b.ends) - 1; i >= 0; i-- {
		if err := b.ends[i](); err != nil {
			b.violated("the harness could not close the service: %v", err)
		}
	}
}

// checkpointHandle is one handle, with a name for the journal.
type checkpointHandle struct {
	bench *checkpointBench
	port  ports.Checkpoints
	name  string
}

func (b *checkpointBench) another() *checkpointHandle {
	port, err := b.instance.Handle()
	b.must(err, "make a handle")
	return b.adopt(port)
}

// adopt makes the bench see to a handle's end.
func (b *checkpointBench) adopt(port ports.Checkpoints) *checkpointHandle {
	if closer, closes := port.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	return &checkpointHandle{bench: b, port: port, name: fmt.Sprintf("handle %d", len(b.ends))}
}

// age lets so much time pass for what is kept. It reports whether it could.
func (b *checkpointBench) age(by time.Duration) bool {
	if b.isVirtual() {
		b.pass(by)
		return true
	}
	ager, able := can[Ager](b.probe, b.instance)
	if able {
		b.must(ager.Age(by), "age the store")
		b.journal.note(b.now(), fmt.Sprintf("%v pass", by))
	}
	return able
}

func (h *checkpointHandle) load(ref ports.StreamRef, token ports.Token) (position string, err error) {
	what := fmt.Sprintf("%s: Load(%s, token %d)", h.name, refText(ref), token)
	h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var results []ports.LoadResult
		results, err = h.port.Load(ctx, []ports.LoadRequest{{Ref: ref, Token: token}})
		if err == nil && len(results) != 1 {
			err = fmt.Errorf("%d results to one request", len(results))
		}
		if err == nil {
			position, err = results[0].Position, results[0].Err
		}
		return orError(err, func() string { return fmt.Sprintf("%.60q", position) })
	})
	return position, err
}

func (h *checkpointHandle) save(ref ports.StreamRef, token ports.Token, number int64, position string) (err error) {
	what := fmt.Sprintf("%s: Save(%s, token %d, number %d, %.60q)", h.name, refText(ref), token, number, position)
	h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var results []ports.SaveResult
		results, err = h.port.Save(ctx, []ports.SaveRequest{{Ref: ref, Token: token, Number: number, Position: position}})
		if err == nil && len(results) != 1 {
			err = fmt.Errorf("%d results to one request", len(results))
		}
		if err == nil {
			err = results[0].Err
		}
		return orError(err, func() string { return "saved" })
	})
	return err
}

func (h *checkpointHandle) finish(ref ports.StreamRef, token ports.Token) (err error) {
	what := fmt.Sprintf("%s: Finish(%s, token %d)", h.name, refText(ref), token)
	h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var results []ports.FinishResult
		results, err = h.port.Finish(ctx, []ports.FinishRequest{{Ref: ref, Token: token}})
		if err == nil && len(results) != 1 {
			err = fmt.Errorf("%d results to one request", len(results))
		}
		if err == nil {
			err = results[0].Err
		}
		return orError(err, func() string { return "finished" })
	})
	return err
}

// saved saves what must be accepted.
func (h *checkpointHandle) saved(ref ports.StreamRef, token ports.Token, number int64, position string) {
	if err := h.save(ref, token, number, position); err != nil {
		h.bench.stop("Save with token %d failed: %s", token, shortError(err))
	}
}

// finished finishes what must be.
func (h *checkpointHandle) finished(ref ports.StreamRef, token ports.Token) {
	if err := h.finish(ref, token); err != nil {
		h.bench.stop("Finish with token %d failed: %s", token, shortError(err))
	}
}

// expectPosition wants a Load to answer a position.
func (h *checkpointHandle) expectPosition(ref ports.StreamRef, token ports.Token, wanted, why string) {
	switch position, err := h.load(ref, token); {
	case err != nil:
		h.bench.violated("Load of %s with token %d failed: %s, but %s", refText(ref), token, shortError(err), why)
	case position != wanted:
		h.bench.violated("Load of %s answers %.60q (%d bytes), not %.60q (%d bytes): %s",
			refText(ref), position, len(position), wanted, len(wanted), why)
	}
}

// expectAnswer wants an error to be the sentinel.
func (b *checkpointBench) expectAnswer(err, sentinel error, what string) {
	switch {
	case err == nil:
		b.violated("%s succeeded; it must be %v", what, sentinel)
	case !errors.Is(err, sentinel):
		b.violated("%s is %s; it must be %v", what, shortError(err), sentinel)
	}
}

func (b *checkpointBench) expectSuccess(err error, what string) {
	if err != nil {
		b.violated("%s is %s; it must be a success", what, shortError(err))
	}
}
