package failures_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
)

// layout looks at what the service keeps in Redis, past the library: the keys
// are those that the package comment of goredis lists.
type layout struct {
	client  *redis.Client
	service string
}

func (l layout) stream() string { return l.service + "-input" }

func (l layout) group() string { return l.service + "-group" }

func (l layout) key(name string) string { return "{" + l.stream() + "}:" + name }

// rawLease is what the lease store says of a name.
type rawLease struct {
	token     streamlease.Token
	messageID string
}

// leases are the raw leases by name, whatever became of their grants.
func (l layout) leases(ctx context.Context) (map[string]rawLease, error) {
	fields, err := l.client.HGetAll(ctx, l.key("leases")).Result()
	if err != nil {
		return nil, err
	}
	delete(fields, "") // the epoch of the hash, no name
	leases := map[string]rawLease{}
	for name, text := range fields {
		words := strings.SplitN(text, " ", 3)
		if len(words) != 3 {
			return nil, fmt.Errorf("the lease of %q is %q, not a grant, a token and a message ID", name, text)
		}
		token, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the lease of %q is %q: %w", name, text, err)
		}
		leases[name] = rawLease{streamlease.Token(token), words[2]}
	}
	return leases, nil
}

// quarantined is what the quarantine says of one entry.
type quarantined struct {
	Reason string `json:"reason"`
	Size   string `json:"size"` // in bytes
	Kept   int    `json:"-"`    // bytes of the payload that are there

	// What is known of an assignment that was taken before.
	Name, Token, Taker string
	Failures, Crashes  string
	Endings            []endingEvidence
}

// endingEvidence is what the source remembers of how one tenure ended.
type endingEvidence struct {
	Member, Incarnation, Token string
	Outcome, Reason            string
	Time                       string // in milliseconds since 1970
}

// quarantine is everything in it, by message ID.
func (l layout) quarantine(ctx context.Context) (map[string]quarantined, error) {
	fields, err := l.client.HGetAll(ctx, l.key("quarantine")).Result()
	if err != nil {
		return nil, err
	}
	entries := map[string]quarantined{}
	for id, text := range fields {
		evidence, payload, _ := strings.Cut(text, "\n")
		entry := quarantined{Kept: len(payload)}
		if err := json.Unmarshal([]byte(evidence), &entry); err != nil {
			return nil, fmt.Errorf("the evidence of %s in the quarantine is %.200q: %w", id, evidence, err)
		}
		entries[id] = entry
	}
	return entries, nil
}

// left counts what streams have left in Redis, and sessions and members of the
// fleet with them. What is at zero is not listed.
func (l layout) left(ctx context.Context) (map[string]int64, error) {
	pipe := l.client.Pipeline()
	counts := map[string]*redis.IntCmd{
		"entries":        pipe.XLen(ctx, l.stream()),
		"endings":        pipe.HLen(ctx, l.key("endings")),
		"due":            pipe.ZCard(ctx, l.key("due")),
		"sessions":       pipe.ZCard(ctx, l.key("sessions")),
		"session states": pipe.HLen(ctx, l.key("session-states")),
	}
	pending := pipe.XPending(ctx, l.stream(), l.group())
	records := pipe.HKeys(ctx, l.key("records"))
	leases := pipe.HKeys(ctx, l.key("leases"))
	fleet := pipe.HKeys(ctx, l.key("fleet"))
	consumers := pipe.XInfoConsumers(ctx, l.stream(), l.group())
	sets := pipe.Keys(ctx, globEscape(l.key("session:"))+"*")
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("look at what is left in Redis: %w", err)
	}
	left := map[string]int64{
		"pending":      pending.Val().Count,
		"records":      countOf(records.Val(), func(field string) bool { return !strings.HasPrefix(field, "taken:") }),
		"tallies":      countOf(records.Val(), func(field string) bool { return strings.HasPrefix(field, "taken:") }),
		"leases":       countOf(leases.Val(), func(name string) bool { return name != "" }),
		"members":      countOf(fleet.Val(), func(field string) bool { return strings.HasPrefix(field, "member:") }),
		"consumers":    int64(len(consumers.Val())),
		"session sets": int64(len(sets.Val())),
	}
	for name, count := range counts {
		left[name] = count.Val()
	}
	maps.DeleteFunc(left, func(_ string, count int64) bool { return count == 0 })
	return left, nil
}

func countOf(fields []string, counts func(string) bool) int64 {
	return int64(len(fields) - len(slices.DeleteFunc(slices.Clone(fields), counts)))
}

// ofTheService are the keys that a service has however many members it has.
func (l layout) ofTheService() []string {
	keys := []string{l.stream()}
	for _, name := range []string{
		"layout", "records", "endings", "due", "sweep", "fleet",
		"quarantine", "quarantine-order", "quarantine-state",
		"sessions", "session-states", "leases", "token",
	} {
		keys = append(keys, l.key(name))
	}
	return keys
}

// globEscape lets KEYS take a text as it is.
func globEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}
