package redisfence

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// Config says what Fences work with. Only Client is required.
type Config struct {
	// Client reaches the server on which fences and data are. It is not
	// closed.
	Client redis.UniversalClient
	// Keep is how long a fence remembers its token after it was used last; in
	// milliseconds at least. Whoever comes later than that with an old token is
	// not refused: choose days rather than minutes. Defaults to 0: for ever;
	// then delete the fence together with the data behind it.
	Keep time.Duration
}

// Fences are the fences on one server, or cluster. They may be used
// concurrently.
type Fences struct {
	client redis.UniversalClient
	keep   string // milliseconds; "0": for ever
}

// New makes Fences. It sends nothing. The error wraps streamlease.ErrInvalid.
func New(config Config) (*Fences, error) {
	switch {
	case config.Client == nil:
		return nil, fmt.Errorf("%w: redisfence.Config.Client is missing", core.ErrInvalid)
	case config.Keep < 0, config.Keep > 0 && config.Keep < time.Millisecond:
		return nil, fmt.Errorf("%w: redisfence.Config.Keep is %v; want 0 or at least 1ms", core.ErrInvalid, config.Keep)
	}
	return &Fences{client: config.Client, keep: strconv.FormatInt(config.Keep.Milliseconds(), 10)}, nil
}

// Raise makes the token known to the fence: lower ones are refused from now
// on. Call it when a tenure begins, before you read what earlier ones left.
// Errors are those of Run.
func (f *Fences) Raise(ctx context.Context, key string, token core.Token) error {
	_, err := f.Run(ctx, key, token, nothing, nil)
	return err
}

var nothing = NewScript("")

// Run runs the script if the fence has seen no higher token, and returns its
// reply: nil, int64, string, []any of these, or what else RESP3 brings.
//
// A *fence.StaleError, which wraps streamlease.ErrDisowned: the token is too
// low, and the script has not run. streamlease.ErrInvalid: a key or the token
// cannot be used, and nothing was sent. Any other error is the server's or the
// network's. As everywhere in Redis, a script that fails half-way has done
// what it did before that.
func (f *Fences) Run(ctx context.Context, key string, token core.Token, script *Script, keys []string, args ...any) (any, error) {
	if err := f.check(key, token, keys); err != nil {
		return nil, err
	}
	if script == nil || script.fenced == nil {
		return nil, fmt.Errorf("%w: the script for the fence %.*q is missing; make it with NewScript", core.ErrInvalid, longestShown, key)
	}
	// Behind the user's own, whose numbers stay as they are.
	allKeys := append(append(make([]string, 0, len(keys)+1), keys...), key)
	allArgs := append(append(make([]any, 0, len(args)+2), args...), strconv.FormatInt(int64(token), 10), f.keep)
	reply, err := script.fenced.Run(ctx, f.client, allKeys, allArgs...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil // a script may answer nil; go-redis makes an error of it
	}
	if err != nil {
		return nil, explain(key, token, err)
	}
	return reply, nil
}

// check refuses what would do something else than was meant.
func (f *Fences) check(key string, token core.Token, keys []string) error {
	if key == "" {
		return fmt.Errorf("%w: the key of the fence is empty", core.ErrInvalid)
	}
	if err := fence.ValidateToken(token); err != nil {
		return fmt.Errorf("the fence %.*q: %w", longestShown, key, err)
	}
	for _, other := range keys {
		if other == key {
			return fmt.Errorf("%w: %.*q is the fence itself; keep data under other keys", core.ErrInvalid, longestShown, key)
		}
	}
	if f.oneServer() {
		return nil
	}
	return sameTag(key, keys)
}

// oneServer says whether every key is on the same server, whatever its name.
func (f *Fences) oneServer() bool {
	_, plain := f.client.(*redis.Client)
	return plain
}

// longestShown is how much of a key or a reply an error shows.
const longestShown = 256

// refusal begins what the script answers to a token that is too low; the
// highest one follows.
const refusal = "FENCED "

// explain makes an error of the library out of the script's refusal.
func explain(key string, token core.Token, err error) error {
	highest, refused := strings.CutPrefix(err.Error(), refusal)
	if !refused {
		return fmt.Errorf("behind the fence %.*q: %w", longestShown, key, err)
	}
	// What the reply lacks stays 0, unknown: refused is refused.
	seen, parsing := strconv.ParseInt(highest, 10, 64)
	if errors.Is(parsing, strconv.ErrRange) {
		seen = math.MaxInt64
	}
	return &fence.StaleError{Fence: key, Token: token, Highest: core.Token(seen)}
}
