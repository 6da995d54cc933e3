package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The scenario file, as a table: each verb with what follows it. Parsing and
// printing both go by it, so that what is printed can be parsed.

// slot is one word of a line, and the field of the action that it fills.
type slot struct {
	name  string // what a reader of an error must put here
	words []string
	read  func(*Action, string) error
	show  func(*Action) string // empty: the word is left out
}

type syntax struct {
	word     string
	slots    []slot
	optional int // how many slots at the end may be left out
}

func wordSlot[T ~uint8](name string, words []string, field func(*Action) *T) slot {
	return slot{name: name, words: words,
		read: func(a *Action, text string) error {
			at := slices.Index(words, text)
			if at < 0 {
				return errUnknownWord
			}
			*field(a) = T(at)
			return nil
		},
		show: func(a *Action) string { return words[*field(a)] }}
}

func textSlot(name string, field func(*Action) *string) slot {
	return slot{name: name,
		read: func(a *Action, text string) error { *field(a) = text; return nil },
		show: func(a *Action) string { return *field(a) }}
}

func timeSlot(name string, field func(*Action) *time.Duration) slot {
	return anyTimeSlot(name, ReadDuration, field)
}

func anyTimeSlot(name string, read func(string) (time.Duration, error), field func(*Action) *time.Duration) slot {
	return slot{name: name,
		read: func(a *Action, text string) (err error) {
			*field(a), err = read(text)
			return err
		},
		show: func(a *Action) string {
			if *field(a) == 0 {
				return ""
			}
			return field(a).String()
		}}
}

var (
	member = textSlot("a member, as m1", func(a *Action) *string { return &a.Member })
	as     = textSlot("a new member ID", func(a *Action) *string { return &a.As })
	stream = textSlot("a stream, as s1", func(a *Action) *string { return &a.Stream })
	lasts  = timeSlot("a duration, as 2s", func(a *Action) *time.Duration { return &a.For })
	amount = timeSlot("a duration, as 300ms", func(a *Action) *time.Duration { return &a.By })
	jump   = anyTimeSlot("a duration, as 3s or -3s", readJump, func(a *Action) *time.Duration { return &a.By })
	during = timeSlot("how long, as 20s", func(a *Action) *time.Duration { return &a.During })
	target = wordSlot("a store", targetWords, func(a *Action) *Target { return &a.Target })
	way    = wordSlot("what is cut", wayWords, func(a *Action) *Way { return &a.Way })
	fate   = wordSlot("what becomes of hints", fateWords, func(a *Action) *HintFate { return &a.HintFate })
	onCall = wordSlot("a call", callNames[:], func(a *Action) *Call { return &a.Call })
	moment = wordSlot("a moment", momentWords, func(a *Action) *Moment { return &a.Moment })
	strike = wordSlot("an effect", effectWords, func(a *Action) *Effect { return &a.Effect })
	rate   = slot{name: "a rate, as 5%", read: readRate, show: func(a *Action) string { return showRate(a.Rate) }}
	times  = slot{name: "a number", read: readTimes, show: showTimes}
	inHalf = slot{name: "half", words: []string{"whole", "half"}, read: readHalf, show: showHalf}
)

var grammar = [verbs]syntax{
	DoCrash:     {"crash", []slot{member}, 0},
	DoRestart:   {"restart", []slot{member, as}, 1},
	DoStart:     {"start", []slot{member}, 0},
	DoClose:     {"close", []slot{member, lasts}, 1},
	DoFreeze:    {"freeze", []slot{member, lasts}, 0},
	DoThaw:      {"thaw", []slot{member}, 0},
	DoCut:       {"cut", []slot{member, way, lasts}, 0},
	DoSlow:      {"slow", []slot{member, amount, lasts}, 0},
	DoLag:       {"lag", []slot{member, amount, lasts}, 0},
	DoNap:       {"nap", []slot{member, lasts}, 0},
	DoDrift:     {"drift", []slot{member, rate, lasts}, 0},
	Hit:         {"hit", []slot{member, onCall, moment, strike, lasts, inHalf}, 2},
	DoNoise:     {"noise", []slot{moment, strike, rate, during, lasts, inHalf}, 2},
	DoHints:     {"hints", []slot{fate, rate, during}, 0},
	DoDown:      {"down", []slot{target, lasts}, 0},
	DoFlush:     {"flush", []slot{target}, 0},
	DoRollback:  {"rollback", []slot{target, amount}, 0},
	DoFull:      {"full", []slot{target, lasts}, 0},
	DoReadOnly:  {"readonly", []slot{target, lasts}, 0},
	DoLaggard:   {"laggard", []slot{target, amount, lasts}, 0},
	DoStep:      {"step", []slot{target, jump}, 0},
	DoEvict:     {"evict", []slot{stream}, 0},
	DoDrop:      {"drop", []slot{stream}, 0},
	DoAnnounce:  {"announce", []slot{stream, times}, 1},
	DoBurst:     {"burst", []slot{times}, 0},
	DoMalformed: {"malformed", []slot{stream}, 0},
	DoOversized: {"oversized", []slot{stream}, 0},
	DoStuck:     {"stuck", []slot{member, lasts}, 0},
	DoDawdle:    {"dawdle", []slot{member, amount, lasts}, 0},
	DoClaim:     {"claim", []slot{member, stream}, 0},
	DoGiveUp:    {"giveup", []slot{member}, 0},
	DoWish:      {"wish", []slot{stream}, 0},
	DoPoison:    {"poison", []slot{stream}, 0},
	DoFinish:    {"finish", []slot{stream}, 0},
}

// String returns the action as a line of a scenario file.
func (a Action) String() string {
	line := "at " + a.At.String() + " " + a.Verb.String()
	var shown []string
	for _, s := range grammar[a.Verb].slots {
		shown = append(shown, s.show(&a))
	}
	for i := len(shown) - 1; i >= 0 && shown[i] == ""; i-- {
		shown = shown[:i]
	}
	for i, word := range shown {
		if word == "" {
			word = grammar[a.Verb].slots[i].zero()
		}
		line += " " + word
	}
	return line
}

// zero is how a slot says nothing, when another follows.
func (s slot) zero() string { return "0s" }

// String returns the verb as scenarios write it.
func (v Verb) String() string { return grammar[v].word }

func readRate(a *Action, text string) error {
	number, found := strings.CutSuffix(text, "%")
	if !found {
		return fmt.Errorf("%q has no %%", text)
	}
	percent, err := strconv.ParseFloat(number, 64)
	if err == nil && !(percent > -100 && percent <= 100) { // NaN is neither
		return fmt.Errorf("%q is %w: more than -100%% and at most 100%%", text, errOutOfRange)
	}
	a.Rate = int(percent*10 + 0.5)
	if percent < 0 {
		a.Rate = int(percent*10 - 0.5)
	}
	return err
}

func showRate(perMille int) string {
	return strconv.FormatFloat(float64(perMille)/10, 'f', -1, 64) + "%"
}

func readTimes(a *Action, text string) (err error) {
	a.Times, err = ReadNumber(text, 1, MostStreams)
	return err
}

func showTimes(a *Action) string {
	if a.Times <= 1 && a.Verb == DoAnnounce {
		return ""
	}
	return strconv.Itoa(a.Times)
}

func readHalf(a *Action, text string) error {
	a.Half = text == "half"
	if !a.Half && text != "whole" {
		return errUnknownWord
	}
	return nil
}

func showHalf(a *Action) string {
	if a.Half {
		return "half"
	}
	return ""
}
