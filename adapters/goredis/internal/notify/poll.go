package notify

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

var (
	//go:embed expired.lua
	expiredSource string
	expiredScript = conn.NewScript("expired.lua", expiredSource)
)

const (
	// sessionsPerLook bounds what one script does.
	sessionsPerLook = 100
	// lookAgainEvery is how often a session that left something behind is
	// hinted again: whoever took the first hint may have died over it.
	lookAgainEvery = 5 * time.Second
	// shortestWait keeps clocks that differ by a hair from a busy loop.
	shortestWait = time.Millisecond
)

// poll finds expired sessions by the index of deadlines.
//
// Each look tells when the next session is due to expire, if it is not renewed,
// and the next look comes at that very moment, but after PollEvery at the
// latest. A session that is opened between two looks lives for a TTL, so none
// is seen late while PollEvery is at most a TTL. A fleet whose members all
// renew costs the server one look for each member and PollEvery, some ten
// microseconds, whatever the number of streams.
func (w *watch) poll(ctx context.Context) error {
	var pause pause
	var position string // where the last look ended; empty: from the start
	startedAt := time.Now()
	for ctx.Err() == nil {
		if time.Since(startedAt) >= lookAgainEvery {
			position, startedAt = "", time.Now()
		}
		seen, err := w.look(ctx, position)
		switch {
		case isLasting(err):
			return err
		case err != nil:
			pause.wait(ctx)
			continue
		}
		pause.reset()
		position = seen.position
		w.backlog.add(seen.expired...)
		if !seen.more {
			sleep(ctx, min(max(seen.next, shortestWait), w.notifier.config.PollEvery))
		}
	}
	return nil
}

// sight is what one look came to.
type sight struct {
	position string
	// next is the time to the next deadline.
	next    time.Duration
	more    bool
	expired []ports.Hint
}

func (w *watch) look(ctx context.Context, position string) (sight, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c := w.notifier.conn
	keys := []string{c.Sessions(), c.SessionStates(), c.SessionPrefix()}
	reply, err := expiredScript.Run(ctx, w.lane, keys, position, sessionsPerLook)
	if err != nil {
		return sight{}, err
	}
	seen, ok := readSight(reply)
	if !ok {
		return sight{}, expiredScript.BadReply(reply)
	}
	return seen, nil
}

// readSight reads the script's reply. A session whose name is no grant is none
// of ours and is left out.
func readSight(reply any) (sight, bool) {
	list, ok := reply.([]any)
	if !ok || len(list) < 3 {
		return sight{}, false
	}
	texts := make([]string, len(list))
	for i, element := range list {
		if texts[i], ok = element.(string); !ok {
			return sight{}, false
		}
	}
	seen := sight{position: texts[0], next: time.Hour, more: texts[2] == "1"}
	if _, err := strconv.ParseUint(seen.position, 10, 63); err != nil {
		return sight{}, false
	}
	if texts[1] != "" {
		micros, err := strconv.ParseUint(texts[1], 10, 63)
		if err != nil {
			return sight{}, false
		}
		seen.next = time.Duration(min(micros, uint64(time.Hour/time.Microsecond))) * time.Microsecond
	}
	for _, text := range texts[3:] {
		if grant, err := ports.ParseGrantID(text); err == nil {
			seen.expired = append(seen.expired, ports.Hint{Kind: ports.HintGrant, Grant: grant})
		}
	}
	return seen, true
}
