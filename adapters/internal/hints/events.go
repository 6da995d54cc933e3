package hints

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Events are the server's word of keys that expired or were evicted. It may
// come minutes late, and is lost with the connection: what depends on it is
// speed alone.
type Events struct {
	// NameOf is the name that a key is the lease of.
	NameOf func(key string) (name string, ok bool)
	// Lapsed gives hints of those names that nobody has leased.
	Lapsed func(ctx context.Context, lane *conn.Lane, names []string) ([]ports.Hint, error)
}

// eventFlags is what notify-keyspace-events needs: key events, of keys that
// expire and that are evicted. Not of keys that are deleted: whoever gives a
// lease back publishes it.
const eventFlags = "Exe"

// namesWaiting bounds what piles up while the server is asked.
const namesWaiting = 10_000

// keyEvents is what one watch does with the server's word.
type keyEvents struct {
	*watch
	mutex   sync.Mutex
	waiting []string // in the order in which they went away, each once
	isHere  map[string]bool
	ready   chan struct{}
}

func newKeyEvents(w *watch) *keyEvents {
	return &keyEvents{watch: w, isHere: map[string]bool{}, ready: make(chan struct{}, 1)}
}

// feed never ends the watch: without it all is found by the deadlines.
func (k *keyEvents) feed(ctx context.Context) error {
	var asking sync.WaitGroup
	asking.Go(func() { k.ask(ctx) })
	defer asking.Wait()
	database := k.notifier.conn.Database
	channels := []string{
		fmt.Sprintf("__keyevent@%d__:expired", database),
		fmt.Sprintf("__keyevent@%d__:evicted", database),
	}
	var pause pause
	for ctx.Err() == nil {
		// Again for each connection: a server that was restarted has lost them.
		// Whether that is allowed is Check's to tell.
		_ = addFlags(ctx, k.lane)
		_ = k.subscribe(ctx, channels, pause.reset, k.heard)
		pause.wait(ctx)
	}
	return nil
}

func (k *keyEvents) heard(key string) {
	name, ours := k.notifier.look.Events.NameOf(key)
	if !ours {
		return
	}
	k.mutex.Lock()
	if !k.isHere[name] && len(k.waiting) < namesWaiting {
		k.isHere[name] = true
		k.waiting = append(k.waiting, name)
	}
	k.mutex.Unlock()
	select {
	case k.ready <- struct{}{}:
	default:
	}
}

// ask finds out what the names that went away stand for, many at a time when
// many expire at once.
func (k *keyEvents) ask(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.ready:
		}
		for names := k.take(); len(names) > 0 && ctx.Err() == nil; names = k.take() {
			call, cancel := context.WithTimeout(ctx, callTimeout)
			found, err := k.notifier.look.Events.Lapsed(call, k.lane, names)
			cancel()
			if err == nil {
				k.backlog.add(found...)
			}
		}
	}
}

func (k *keyEvents) take() (names []string) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	names = slices.Clone(k.waiting[:min(len(k.waiting), MostPerLook)])
	k.waiting = slices.Delete(k.waiting, 0, len(names))
	for _, name := range names {
		delete(k.isHere, name)
	}
	return names
}

// addFlags adds the flags that are missing and keeps those that are there:
// somebody else may depend on them.
func addFlags(ctx context.Context, lane *conn.Lane) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	const setting = "notify-keyspace-events"
	return lane.Do(ctx, "CONFIG "+setting, func(node *redis.Client) error {
		settings, err := node.ConfigGet(ctx, setting).Result()
		if err != nil {
			return err
		}
		flags := settings[setting]
		missing := missingFlags(flags)
		if missing == "" {
			return nil
		}
		return node.ConfigSet(ctx, setting, flags+missing).Err()
	})
}

func missingFlags(flags string) (missing string) {
	for _, flag := range eventFlags {
		isIncluded := flag != 'E' && strings.Contains(flags, "A") // A is all kinds of events
		if !isIncluded && !strings.ContainsRune(flags, flag) {
			missing += string(flag)
		}
	}
	return missing
}
