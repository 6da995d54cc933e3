package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// scanPage is how many keys of the server one step looks at.
const scanPage = 1000

// Purged is how far a purge has come.
type Purged struct {
	// Looked is how many keys of the server were looked at, about; Keys how many
	// the server has.
	Looked, Keys int64
	// Removed is how many were the service's.
	Removed int64
}

// Purge removes every key of the service from this server: assignments,
// records, quarantine, sessions, checkpoints, locks. It calls passing, if that
// is not nil, as it goes through the server's keys. Members that live make some
// of it again, so stop them first. A purge that ended half-way can be repeated.
func (a *Admin) Purge(ctx context.Context, passing func(Purged)) (Purged, error) {
	purged, err := a.purge(ctx, passing)
	if err != nil {
		return purged, fmt.Errorf("purge %.100q: %w", a.writes.Service(), err)
	}
	return purged, nil
}

func (a *Admin) purge(ctx context.Context, passing func(Purged)) (purged Purged, err error) {
	// What belongs together goes together.
	purged.Removed, err = unlink(ctx, a.writes.Rest, source.Keys(a.writes.Keys))
	if err != nil {
		return purged, err
	}
	pattern := escapeGlob(a.writes.Prefix()) + "*"
	for cursor := uint64(0); ; {
		var keys []string
		err := do(ctx, a.writes.Rest, "SCAN", func(ctx context.Context, node *redis.Client) (err error) {
			if keys, cursor, err = node.Scan(ctx, cursor, pattern, scanPage).Result(); err == nil {
				purged.Keys, err = node.DBSize(ctx).Result()
			}
			return err
		})
		if err != nil {
			return purged, err
		}
		removed, err := unlink(ctx, a.writes.Rest, keys)
		purged.Removed += removed
		if err != nil {
			return purged, err
		}
		purged.Looked += scanPage
		if passing != nil {
			passing(purged)
		}
		if cursor == 0 {
			return purged, nil
		}
	}
}

// unlink removes keys; their memory is freed beside what the server does.
func unlink(ctx context.Context, lane *conn.Lane, keys []string) (removed int64, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	err = do(ctx, lane, "UNLINK", func(ctx context.Context, node *redis.Client) (err error) {
		removed, err = node.Unlink(ctx, keys...).Result()
		return err
	})
	return removed, err
}

func escapeGlob(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(text)
}
