package lockstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
	"github.com/streamlease/streamlease/ports"
)

// ballot is what the servers answered for one item of a batch.
type ballot[T any] struct {
	servers int
	// values are those of the servers that answered.
	values []T
	errs   []error
}

var errLate = errors.New("this server has not answered when a majority had")

// askAll asks the index of every server, and returns a ballot for each item.
func askAll[T any](servers []*lockindex.Index, items int, ask func(*lockindex.Index) []lockindex.Answer[T]) []ballot[T] {
	ballots := make([]ballot[T], items)
	if items == 0 {
		return ballots
	}
	answers := quorum.Each(len(servers),
		func(server int) []lockindex.Answer[T] { return ask(servers[server]) },
		answeredWell[T], nil)
	countAll(ballots, answers)
	return ballots
}

// askWhoHolds is askAll for the locks of names. One server may have what is
// left of a lock that no other has; then the last one to answer decides.
func askWhoHolds(ctx context.Context, servers []*lockindex.Index, items int, ask func(*lockindex.Index) []lockindex.Answer[lockindex.Holding]) []ballot[lockindex.Holding] {
	ballots := make([]ballot[lockindex.Holding], items)
	if items == 0 {
		return ballots
	}
	answers := quorum.UntilDecided(ctx, len(servers),
		func(server int) []lockindex.Answer[lockindex.Holding] { return ask(servers[server]) },
		answeredWell[lockindex.Holding],
		func(answers [][]lockindex.Answer[lockindex.Holding]) bool {
			soFar := make([]ballot[lockindex.Holding], items)
			countAll(soFar, answers)
			return !slices.ContainsFunc(soFar, func(b ballot[lockindex.Holding]) bool { return decideHeld(b).open })
		}, nil)
	countAll(ballots, answers)
	return ballots
}

func countAll[T any](ballots []ballot[T], answers [][]lockindex.Answer[T]) {
	for i := range ballots {
		ballots[i].servers = len(answers)
		for _, answered := range answers {
			ballots[i].count(answered, i)
		}
	}
}

func (b *ballot[T]) count(answered []lockindex.Answer[T], item int) {
	switch {
	case answered == nil:
		b.errs = append(b.errs, errLate)
	case answered[item].Err != nil:
		b.errs = append(b.errs, answered[item].Err)
	default:
		b.values = append(b.values, answered[item].Value)
	}
}

func answeredWell[T any](answers []lockindex.Answer[T]) bool {
	for _, answer := range answers {
		if answer.Err != nil {
			return false
		}
	}
	return true
}

// err is nil when a majority answered. Else nothing is known, or nothing was
// done if every server that was asked refused.
func (b ballot[T]) err() error {
	if len(b.values) >= quorum.Majority(b.servers) {
		return nil
	}
	return failure(b.servers, len(b.values), b.errs)
}

// failure is the error of a step that too few servers took part in.
func failure(servers, answered int, errs []error) error {
	if servers == 1 {
		return errs[0]
	}
	if answered == 0 {
		if refused := allRefused(errs); refused != nil {
			return refused
		}
	}
	// Not %w: what one server refused, another may have done.
	return fmt.Errorf("%d of %d servers have answered, which decides nothing: %v", answered, servers, errors.Join(errs...))
}

// allRefused returns a refusal if all are.
func allRefused(errs []error) (refused error) {
	for _, err := range errs {
		if !errors.Is(err, ports.ErrRefused) {
			return nil
		}
		refused = err
	}
	return refused
}

// held is who has a name, by a majority of the servers.
type held struct {
	// by is whoever has the lock on a majority; nil: nobody has.
	by *lockindex.Holding
	// open: that depends on the servers that have not answered.
	open bool
}

func decideHeld(b ballot[lockindex.Holding]) (decided held) {
	votes := map[string]int{}
	for _, holding := range b.values {
		if holding.Value != "" {
			votes[holding.Value]++
		}
	}
	missing := b.servers - len(b.values)
	for value, count := range votes {
		if count >= quorum.Majority(b.servers) {
			return held{by: best(b.values, value)}
		}
		decided.open = decided.open || count+missing >= quorum.Majority(b.servers)
	}
	decided.open = decided.open || missing >= quorum.Majority(b.servers)
	return decided
}

// best is the holding of a value with the largest token.
func best(holdings []lockindex.Holding, value string) *lockindex.Holding {
	var found *lockindex.Holding
	for i, holding := range holdings {
		if holding.Value != value {
			continue
		}
		if found == nil || holding.Holder.Lease.Token > found.Holder.Lease.Token {
			found = &holdings[i]
		}
	}
	return found
}
