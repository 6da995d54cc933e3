package failures_test

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
)

//go:embed effect.lua
var effectSource string

var effectScript = redis.NewScript(effectSource)

const (
	tokensKey    = "tokens"
	acceptedKey  = "accepted"
	refusedKey   = "refused"
	finishedKey  = "finished"
	finishersKey = "finishers"
)

// resource is what the members' work changes. It checks fencing tokens, and it
// counts. It lives on a Redis of its own, so that what happens to the service's
// Redis does not happen to it.
type resource struct{ client *redis.Client }

// effectKind is what an effect means to its tenure.
type effectKind string

const (
	firstEffect effectKind = "write"
	lastEffect  effectKind = "finish" // of a tenure whose work is done
)

// write is one effect of a tenure. It reports whether the resource accepted it.
func (r resource) write(
	ctx context.Context, ref streamlease.StreamRef, token streamlease.Token, kind effectKind,
) (accepted bool, err error) {
	keys := []string{tokensKey, acceptedKey, refusedKey, finishedKey, finishersKey}
	accepted, err = effectScript.Run(ctx, r.client, keys, ref.Name, ref.String(), int64(token), string(kind)).Bool()
	if err != nil {
		return false, fmt.Errorf("write to the resource for %s: %w", ref, err)
	}
	return accepted, nil
}

// tokens is the highest token that the resource saw, by name.
func (r resource) tokens(ctx context.Context) (map[string]streamlease.Token, error) {
	tokens := map[string]streamlease.Token{}
	counts, err := r.counts(ctx, tokensKey)
	for name, token := range counts {
		tokens[name] = streamlease.Token(token)
	}
	return tokens, err
}

// finished is how many tenures finished each stream, by ref.
func (r resource) finished(ctx context.Context) (map[string]int64, error) {
	return r.counts(ctx, finishedKey)
}

// finishers are the tokens of the tenures that finished each stream, by ref.
func (r resource) finishers(ctx context.Context) (map[string][]streamlease.Token, error) {
	tenures, err := r.client.SMembers(ctx, finishersKey).Result()
	if err != nil {
		return nil, fmt.Errorf("read the resource: %w", err)
	}
	finishers := map[string][]streamlease.Token{}
	for _, tenure := range tenures {
		space := strings.LastIndexByte(tenure, ' ')
		token, err := strconv.ParseInt(tenure[space+1:], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the resource: %w", err)
		}
		finishers[tenure[:space]] = append(finishers[tenure[:space]], streamlease.Token(token))
	}
	return finishers, nil
}

// refused is how many effects with too low a token came from each tenure, by
// refusedTenure.
func (r resource) refused(ctx context.Context) (map[string]int64, error) {
	return r.counts(ctx, refusedKey)
}

func refusedTenure(of tenure) string { return fmt.Sprintf("%s %d", of.ref, of.token) }

func (r resource) counts(ctx context.Context, key string) (map[string]int64, error) {
	fields, err := r.client.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("read the resource: %w", err)
	}
	counts := map[string]int64{}
	for field, text := range fields {
		count, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the resource: %w", err)
		}
		counts[field] = count
	}
	return counts, nil
}
