package member

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/bench/baseline"
	"github.com/streamlease/streamlease/bench/usage"
	"github.com/streamlease/streamlease/bench/wire"
)

// consumer is one member of the service, ours or the baseline's.
type consumer interface {
	// Join returns when the member is part of the fleet.
	Join(ctx context.Context) error
	// Fleet is how many members it sees; 0: it has no fresh view.
	Fleet() int
	// HandOff gives one of its streams to the others.
	HandOff(ctx context.Context) (name string, err error)
}

// process is the members of one process and what is counted of them.
type process struct {
	consumers []consumer
	notes     *notes
	wire      wire.Counter
	leases    leaseCounts
	source    sourceCounts
	profile   profile
}

func newProcess(settings Settings) (*process, error) {
	members := max(settings.Members, 1)
	p := &process{notes: newNotes(members)}
	client := redis.NewClient(&redis.Options{Addr: settings.Redis, Dialer: p.wire.Dial})
	for number := range members {
		consumer, err := p.newConsumer(settings, client, number)
		if err != nil {
			return nil, fmt.Errorf("make member %d: %w", number, err)
		}
		p.consumers = append(p.consumers, consumer)
	}
	return p, nil
}

func (p *process) newConsumer(settings Settings, client *redis.Client, number int) (consumer, error) {
	application := application{p.notes, number}
	id := fmt.Sprintf("%s-%d", settings.ID, number)
	if settings.Store == Baseline {
		return baseline.New(client, settings.Service, id, settings.TTL, application), nil
	}
	return p.newMember(settings, client, id, application)
}

// join lets all members join at once.
func (p *process) join(ctx context.Context) error {
	errs := make(chan error)
	for _, consumer := range p.consumers {
		go func() { errs <- consumer.Join(ctx) }()
	}
	var failures []error
	for range p.consumers {
		failures = append(failures, <-errs)
	}
	return errors.Join(failures...)
}

// handOff gives away a stream of the first member that has one.
func (p *process) handOff(ctx context.Context) (Arrival, error) {
	for number, consumer := range p.consumers {
		if p.notes.owned[number].Load() == 0 {
			continue
		}
		at := time.Now()
		name, err := consumer.HandOff(ctx)
		return Arrival{Member: number, Name: name, At: at.UnixNano()}, err
	}
	return Arrival{}, errors.New("no member of this process owns a stream")
}

func (p *process) usage() (Usage, error) {
	resident, err := usage.Resident()
	used := Usage{
		At: time.Now(), CPU: usage.CPU(), Resident: resident,
		Goroutines: runtime.NumGoroutine(), Wire: p.wire.Counts(),
		Owned: p.notes.ownedNow(), Added: p.notes.added.Load(), Disowned: p.notes.disowned.Load(),
		Attempts: p.leases.attempts.Load(), Acquired: p.leases.acquired.Load(),
		Swept: p.source.swept.Load(), Renewals: p.leases.renewals.take(),
	}
	for _, consumer := range p.consumers {
		fleet := consumer.Fleet()
		if fleet == 0 {
			continue
		}
		if used.Connected == 0 || fleet < used.Fleet {
			used.Fleet = fleet
		}
		used.Connected++
	}
	return used, err
}
