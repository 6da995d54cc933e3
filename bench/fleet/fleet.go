package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/bench/member"
)

// LookEvery is the time between two looks at a fleet for which one waits. Each
// costs the members a little.
const LookEvery = 50 * time.Millisecond

// Fleet is the member processes of a measurement.
type Fleet struct {
	Processes []*Process
	members   int // in all processes
	sees      int // how many of them each member sees
}

// Launch starts so many processes; their members join by Join.
func Launch(processes int, settings member.Settings) (*Fleet, error) {
	f := &Fleet{members: processes * max(settings.Members, 1)}
	if f.sees = f.members; settings.Store == member.Baseline {
		f.sees = 1
	}
	for number := range processes {
		settings.ID = fmt.Sprintf("member-%02d", number)
		p, err := Start(settings)
		if err != nil {
			f.Stop()
			return nil, err
		}
		f.Processes = append(f.Processes, p)
	}
	return f, nil
}

// AskAll puts a question to all processes at once.
func (f *Fleet) AskAll(request member.Request) ([]member.Reply, error) {
	replies := make([]member.Reply, len(f.Processes))
	failures := make([]error, len(f.Processes))
	var all sync.WaitGroup
	for i, p := range f.Processes {
		all.Go(func() { replies[i], failures[i] = p.Ask(request) })
	}
	all.Wait()
	return replies, errors.Join(failures...)
}

// Join lets all members join at once, and waits until each sees all.
func (f *Fleet) Join(ctx context.Context) error {
	if _, err := f.AskAll(member.Request{Action: member.Join}); err != nil {
		return err
	}
	return f.AwaitSeen(ctx)
}

// AwaitSeen waits until each member sees all.
func (f *Fleet) AwaitSeen(ctx context.Context) error {
	_, err := f.Await(ctx, "all members see each other", func(u Usage) bool {
		return u.Connected == f.members && u.Fleet >= f.sees
	})
	return err
}

// Add takes the processes of another fleet into this one.
func (f *Fleet) Add(other *Fleet) {
	f.Processes = append(f.Processes, other.Processes...)
	f.members += other.members
	f.sees = max(f.sees, min(f.members, f.sees+other.sees))
}

// Usage is what the processes of a fleet have used and have together.
type Usage struct {
	member.Usage
	Of []member.Usage // each process
}

// OwnedInAll is how many streams the applications believe to own.
func (u Usage) OwnedInAll() (total int64) {
	for _, owned := range u.Owned {
		total += owned
	}
	return total
}

// Since is what was used since earlier, by the same processes. What a process
// has, not uses, stays.
func (u Usage) Since(earlier Usage) Usage {
	u.CPU -= earlier.CPU
	u.Wire = u.Wire.Minus(earlier.Wire)
	u.Added -= earlier.Added
	u.Disowned -= earlier.Disowned
	u.Attempts -= earlier.Attempts
	u.Acquired -= earlier.Acquired
	u.Swept -= earlier.Swept
	return u
}

// Look asks all processes for their usage.
func (f *Fleet) Look() (Usage, error) {
	replies, err := f.AskAll(member.Request{Action: member.Look})
	if err != nil {
		return Usage{}, err
	}
	var total Usage
	for _, reply := range replies {
		total.add(*reply.Usage)
	}
	return total, nil
}

func (u *Usage) add(other member.Usage) {
	if len(u.Of) == 0 || other.Fleet < u.Fleet {
		u.Fleet = other.Fleet
	}
	u.At = other.At
	u.CPU += other.CPU
	u.Resident += other.Resident
	u.Goroutines += other.Goroutines
	u.Wire = u.Wire.Plus(other.Wire)
	u.Owned = append(u.Owned, other.Owned...)
	u.Added += other.Added
	u.Disowned += other.Disowned
	u.Connected += other.Connected
	u.Attempts += other.Attempts
	u.Acquired += other.Acquired
	u.Swept += other.Swept
	u.Renewals = u.Renewals.Worse(other.Renewals)
	u.Of = append(u.Of, other)
}

// Await looks at the fleet until the condition holds.
func (f *Fleet) Await(ctx context.Context, what string, holds func(Usage) bool) (Usage, error) {
	ticker := time.NewTicker(LookEvery)
	defer ticker.Stop()
	for {
		usage, err := f.Look()
		if err != nil || holds(usage) {
			return usage, err
		}
		select {
		case <-ctx.Done():
			return usage, fmt.Errorf("wait until %s (%d owned, %d members connected, the smallest fleet seen is %d): %w",
				what, usage.OwnedInAll(), usage.Connected, usage.Fleet, ctx.Err())
		case <-ticker.C:
		}
	}
}

// AwaitOwned waits until the applications own so many streams in all.
func (f *Fleet) AwaitOwned(ctx context.Context, streams int) error {
	_, err := f.Await(ctx, fmt.Sprintf("%d streams are owned", streams), func(u Usage) bool {
		return u.OwnedInAll() == int64(streams)
	})
	return err
}

// quiet is how long nothing must come when nobody says that all has come.
const quiet = 2 * time.Second

// AwaitQuiet waits until the applications own so many streams in all, or until
// nothing has come for a while: what the baseline loses does not come back.
func (f *Fleet) AwaitQuiet(ctx context.Context, streams int) error {
	var added int64
	since := time.Now()
	_, err := f.Await(ctx, "nothing comes any more", func(u Usage) bool {
		if u.Added != added {
			added, since = u.Added, time.Now()
		}
		return u.OwnedInAll() == int64(streams) || added > 0 && time.Since(since) > quiet
	})
	return err
}

// Kill ends the process at once and takes it out of the fleet.
func (f *Fleet) Kill(number int) {
	victim := f.Processes[number]
	f.members -= f.members / len(f.Processes)
	f.Processes = append(f.Processes[:number:number], f.Processes[number+1:]...)
	victim.Kill9()
}

// Stop ends all processes at once.
func (f *Fleet) Stop() {
	for _, p := range f.Processes {
		p.Kill9()
	}
}
