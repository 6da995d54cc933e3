package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/nearest"
	"github.com/streamlease/streamlease/internal/sim"
)

// The words that flags take. Each refuses a wrong one with the nearest.

// choose is text, if it is one of the words.
func choose(what, text string, words []string) (string, error) {
	if slices.Contains(words, text) {
		return text, nil
	}
	return "", fmt.Errorf("%q is no %s; the nearest is %q (there are: %s)", text, what, nearest.Word(text, words), strings.Join(words, ", "))
}

type leaseName string

// leaseNames are the lease stores that there are adapters for.
var leaseNames = []string{"goredis", "redsync", "redsync-quorum", "redislock", "memory"}

func (l *leaseName) UnmarshalText(text []byte) error {
	word, err := choose("lease store", string(text), leaseNames)
	*l = leaseName(word)
	return err
}

// shape is what the model has for the store.
func (l leaseName) shape() sim.Lease {
	switch l {
	case "redsync", "redislock":
		return sim.Single
	case "redsync-quorum":
		return sim.Quorum
	default:
		return sim.Session
	}
}

type sourceName string

func (s *sourceName) UnmarshalText(text []byte) error {
	word, err := choose("source", string(text), []string{"goredis", "memory"})
	*s = sourceName(word)
	return err
}

type notifierName string

func (n *notifierName) UnmarshalText(text []byte) error {
	word, err := choose("notifier", string(text), []string{"deadline", "keyspace", "none"})
	*n = notifierName(word)
	return err
}

func (n notifierName) notifier() sim.Notifier {
	switch n {
	case "keyspace":
		return sim.Keyspace
	case "none":
		return sim.Silent
	default:
		return sim.Deadline
	}
}

// ruleName is a safety rule that can be turned off.
type ruleName string

func (r *ruleName) UnmarshalText(text []byte) error {
	var names []string
	for _, rule := range sim.Rules() {
		names = append(names, rule.Name)
	}
	if !slices.Contains(names, string(text)) {
		return fmt.Errorf("%q is no rule; the nearest is %q (sim list --rules)", text, nearest.Word(string(text), names))
	}
	*r = ruleName(text)
	return nil
}

// off is the ablation without the rule; an empty name turns nothing off.
func (r ruleName) off() (ablation sim.Ablation) {
	for _, rule := range sim.Rules() {
		if rule.Name == string(r) {
			rule.Off(&ablation)
		}
	}
	return ablation
}

type memberCount int

func (m *memberCount) UnmarshalText(text []byte) error {
	number, err := sim.ReadNumber(string(text), 1, sim.MostMembers)
	*m = memberCount(number)
	return err
}

type streamCount int

func (s *streamCount) UnmarshalText(text []byte) error {
	number, err := sim.ReadNumber(string(text), 0, sim.MostStreams)
	*s = streamCount(number)
	return err
}

// positiveCount is how many of anything, at least one.
type positiveCount uint64

func (p *positiveCount) UnmarshalText(text []byte) error {
	number, err := sim.ReadNumber(string(text), 1, math.MaxInt32)
	*p = positiveCount(number)
	return err
}

// span is a duration, simulated or real, longer than nothing.
type span time.Duration

func (s *span) UnmarshalText(text []byte) error {
	lasts, err := sim.ReadDuration(string(text))
	if err == nil && lasts == 0 {
		return fmt.Errorf("nothing can happen in %s", text)
	}
	*s = span(lasts)
	return err
}
