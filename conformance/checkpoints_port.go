package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var checkpointPortQuestions = []checkpointQuestion{
	{
		where:   "ports",
		text:    "Batch in, one result for each item in the same order, an error in each result.",
		examine: checkpointBatches,
	}, {
		where:   "ports",
		text:    "Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob characters included.",
		examine: checkpointNames,
	}, {
		where:   "Set",
		text:    "Set is the ports of one service.",
		examine: checkpointsStayInTheirService,
	}, {
		where:   "ports",
		text:    "An error for the whole call is either ErrRefused (a definite no: nothing was done;",
		examine: refusedCheckpointsAreNotChanged,
	}, {
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		examine: checkpointCallsEndByTheirDeadline,
		chance:  true,
	}, {
		where:   "Checkpoints.Load",
		text:    "It works when the store is out of memory.",
		examine: loadNeedsNoMemory,
	}, {
		where:   "Checkpoints.Finish",
		text:    "It works when the store is out of memory.",
		examine: finishNeedsNoMemory,
	},
}

func checkpointBatches(b *checkpointBench) {
	const many = 450 // more than adapters put into one round
	var saves []ports.SaveRequest
	var loads []ports.LoadRequest
	b.one.saved(ref("taken"), 9, 1, "kept")
	for i := range many {
		name := fmt.Sprint("s", (i*7919)%many)
		if i == many/2 {
			name = "taken"
		}
		saves = append(saves, ports.SaveRequest{Ref: ref(name), Token: 5, Number: 1, Position: "of " + name})
		loads = append(loads, ports.LoadRequest{Ref: ref(name), Token: 5})
	}
	saves[3].Position = strings.Repeat("p", ports.MaxPositionBytes+1)
	wanted := func(i int) (string, error) {
		switch i {
		case many / 2:
			return "", ports.ErrDisowned
		case 3:
			return "", ports.ErrInvalid
		}
		return saves[i].Position, nil
	}
	b.call(b.pace, fmt.Sprintf("Save of %d positions", many), func(ctx context.Context) string {
		results, err := b.one.port.Save(ctx, saves)
		if err != nil || len(results) != many {
			b.violated("a Save of %d positions gives %d results, error %v", many, len(results), err)
			return shortError(err)
		}
		for i, result := range results {
			if _, sentinel := wanted(i); !errors.Is(result.Err, sentinel) {
				b.violated("result %d, for %s, is %v, not %v", i, saves[i].Ref, result.Err, sentinel)
			}
		}
		return "results"
	})
	b.call(b.pace, fmt.Sprintf("Load of %d positions", many), func(ctx context.Context) string {
		results, err := b.one.port.Load(ctx, loads)
		if err != nil || len(results) != many {
			b.violated("a Load of %d positions gives %d results, error %v", many, len(results), err)
			return shortError(err)
		}
		for i, result := range results {
			if position, sentinel := wanted(i); result.Position != position || sentinel != nil && i != 3 && !errors.Is(result.Err, sentinel) {
				b.violated("result %d, for %s, is %.60q, %v", i, loads[i].Ref, result.Position, result.Err)
			}
		}
		return "results"
	})
}

func checkpointNames(b *checkpointBench) {
	names := []string{
		"s", "s:1-1", "a:b:7-7", " ", "\x00", "a\nb\r\n", "{a}", "}{", "*?[a-z]", `"\`, "ü\U0001F600\u2028",
		strings.Repeat("n", ports.MaxNameBytes), strings.Repeat("n", ports.MaxNameBytes-1) + "m",
	}
	for i, name := range names {
		b.one.saved(ref(name), 1, 1, fmt.Sprint(i))
	}
	for i, name := range names {
		b.other.expectPosition(ref(name), 1, fmt.Sprint(i), "it was saved for this very name")
		b.other.finished(ref(name), 1)
	}
}

func checkpointsStayInTheirService(b *checkpointBench) {
	b.one.saved(ref("s"), 9, 1, "of this service")
	second := newCheckpointBench(b.probe, b.harness)
	defer second.close()
	second.one.expectPosition(ref("s"), 1, "", "it was saved in another service")
	second.one.finished(ref("s"), 2)
	b.one.expectPosition(ref("s"), 9, "of this service", "it was finished in another service")
}

func refusedCheckpointsAreNotChanged(b *checkpointBench) {
	refuser, able := can[Refuser](b.probe, b.instance)
	if !able {
		return
	}
	b.one.saved(ref("s"), 5, 1, "kept")
	b.must(refuser.Refuse(), "refuse")
	_, loaded := b.one.load(ref("s"), 6)
	saved := b.one.save(ref("s"), 7, 1, "refused")
	finished := b.one.finish(ref("s"), 8)
	b.must(refuser.Accept(), "accept")
	b.expectAnswer(loaded, ports.ErrRefused, "a Load that the server refuses")
	b.expectAnswer(saved, ports.ErrRefused, "a Save that the server refuses")
	b.expectAnswer(finished, ports.ErrRefused, "a Finish that the server refuses")
	b.one.expectPosition(ref("s"), 5, "kept", "what was refused was not done")
}

func checkpointCallsEndByTheirDeadline(b *checkpointBench) {
	faults, able := can[CheckpointsFaults](b.probe, b.instance)
	if !able {
		return
	}
	calls := map[string]func(context.Context, ports.Checkpoints) error{
		"Load": func(ctx context.Context, port ports.Checkpoints) error {
			results, err := port.Load(ctx, []ports.LoadRequest{{Ref: ref("s"), Token: 1}})
			return first(err, len(results), func() error { return results[0].Err })
		},
		"Save": func(ctx context.Context, port ports.Checkpoints) error {
			results, err := port.Save(ctx, []ports.SaveRequest{{Ref: ref("s"), Token: 1, Number: 1}})
			return first(err, len(results), func() error { return results[0].Err })
		},
		"Finish": func(ctx context.Context, port ports.Checkpoints) error {
			results, err := port.Finish(ctx, []ports.FinishRequest{{Ref: ref("s"), Token: 1}})
			return first(err, len(results), func() error { return results[0].Err })
		},
	}
	for _, name := range []string{"Load", "Save", "Finish"} {
		b.endsByItsDeadline(faults, name, calls[name])
	}
}

// endsByItsDeadline gives a call that is not answered a short time. It may be
// late only because the machine is slow, so being in time once is enough.
func (b *checkpointBench) endsByItsDeadline(faults CheckpointsFaults, name string, call func(context.Context, ports.Checkpoints) error) {
	const tries, most, timeout = 3, time.Second, 300 * time.Millisecond
	var late time.Duration
	for range tries {
		port, err := faults.HandleWith(Silence)
		b.must(err, "make a handle with a mishap")
		handle := b.adopt(port)
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		began := time.Now()
		b.callWithin(ctx, b.pace, name+" that is not answered, with a deadline", func(ctx context.Context) string {
			err = call(ctx, handle.port)
			return orError(err, func() string { return "success" })
		})
		late = time.Since(began) - timeout
		cancel()
		switch {
		case err == nil:
			b.violated("%s succeeded, although nothing was answered", name)
		case errors.Is(err, ports.ErrRefused), errors.Is(err, ports.ErrDone), errors.Is(err, ports.ErrDisowned):
			b.violated("%s is %s, although nothing was answered", name, shortError(err))
		}
		if late <= most {
			return
		}
	}
	b.violated("%s with a deadline of %v, which was not answered, ended %v late, %d times", name, timeout, late, tries)
}

func loadNeedsNoMemory(b *checkpointBench) {
	limiter, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	b.one.saved(ref("s"), 5, 1, "p5")
	b.must(limiter.Exhaust(), "run out of memory")
	position, err := b.other.load(ref("s"), 6)
	b.must(limiter.Relieve(), "have memory again")
	b.expectSuccess(err, "a Load while the store is out of memory")
	if position != "p5" {
		b.violated("a Load while the store is out of memory answers %.60q, not what was saved last", position)
	}
}

func finishNeedsNoMemory(b *checkpointBench) {
	limiter, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	b.one.saved(ref("s"), 5, 1, "p5")
	b.must(limiter.Exhaust(), "run out of memory")
	err := b.one.finish(ref("s"), 5)
	b.must(limiter.Relieve(), "have memory again")
	b.expectSuccess(err, "a Finish while the store is out of memory")
	b.expectAnswer(b.one.save(ref("s"), 5, 2, "late"), ports.ErrDone, "a Save after a Finish while the store was out of memory")
}
