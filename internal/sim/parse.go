package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/streamlease/streamlease/internal/nearest"
)

var errUnknownWord = errors.New("unknown word")

// ParseError says where a scenario file is wrong, and what would be right.
type ParseError struct {
	File         string
	Line, Column int
	Message      string
}

// Error returns file:line:column: message.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// ParseScenario reads a scenario file. Comments begin with #; the first ones
// are what the scenario is about. Then lines of these forms, in any order:
//
//	with lease=session notifier=deadline members=3 streams=8 ttl=10s
//	at 2s crash m1
//	at 3s freeze m2 6s
//	within 5s every stream owned
//	by 20s s1 done
//
// within counts from the action before it, by from the beginning. Errors are
// *ParseError.
func ParseScenario(name, text string) (Scenario, error) {
	p := parser{scenario: Scenario{Name: name}}
	for number, line := range strings.Split(text, "\n") {
		p.number = number + 1
		if err := p.line(line); err != nil {
			err.File, err.Line = name, p.number
			return Scenario{}, err
		}
	}
	if err := p.names.check(p.scenario.Setup.withDefaults()); err != nil {
		err.File = name
		return Scenario{}, err
	}
	slices.SortStableFunc(p.scenario.Actions, func(a, b Action) int { return cmp.Compare(a.At, b.At) })
	return p.scenario, nil
}

// ParseAction reads one line of a scenario that begins with at. It does not look
// whether anybody has the names in it. Errors are *ParseError.
func ParseAction(line string) (Action, error) {
	p := parser{number: 1}
	if err := p.line(line); err != nil {
		err.File, err.Line = "action", 1
		return Action{}, err
	}
	if len(p.scenario.Actions) != 1 {
		return Action{}, &ParseError{File: "action", Line: 1, Column: 1, Message: "nothing happens: write it as at 2s crash m1"}
	}
	return p.scenario.Actions[0], nil
}

type parser struct {
	scenario Scenario
	number   int // of the line
	names    names
	last     time.Duration // the instant of the last action
	begun    bool          // something else than comments came
}

// word is one word of a line and where it stands.
type word struct {
	text   string
	column int
}

func (p *parser) line(line string) *ParseError {
	if at := strings.IndexFunc(line, unprintable); at >= 0 {
		_, size := utf8.DecodeRuneInString(line[at:])
		return &ParseError{Column: at + 1, Message: fmt.Sprintf("%q cannot be printed", line[at:at+size])}
	}
	if comment, found := strings.CutPrefix(strings.TrimSpace(line), "#"); found {
		if !p.begun {
			p.scenario.About = strings.TrimSpace(p.scenario.About + " " + strings.TrimSpace(comment))
		}
		return nil
	}
	words := split(line)
	if len(words) == 0 {
		return nil
	}
	p.begun = true
	switch words[0].text {
	case "with":
		return p.with(words[1:])
	case "at":
		return p.at(words)
	case "within", "by":
		return p.expect(words)
	default:
		return wrong(words[0], "%q begins no line; the nearest is %q", words[0].text,
			nearest.Word(words[0].text, []string{"with", "at", "within", "by"}))
	}
}

// unprintable is what a terminal would not show as it is: what a scenario says
// is printed.
func unprintable(r rune) bool {
	return r == utf8.RuneError || !unicode.IsPrint(r) && r != '\t' && r != '\r'
}

func split(line string) (words []word) {
	start := -1
	for i := 0; i <= len(line); i++ {
		blank := i == len(line) || line[i] == ' ' || line[i] == '\t' || line[i] == '\r'
		switch {
		case blank && start >= 0:
			words = append(words, word{line[start:i], start + 1})
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	return words
}

func wrong(at word, format string, args ...any) *ParseError {
	return &ParseError{Column: at.column, Message: fmt.Sprintf(format, args...)}
}

func (p *parser) with(words []word) *ParseError {
	for _, w := range words {
		key, value, found := strings.Cut(w.text, "=")
		at := slices.IndexFunc(setupOptions, func(o option) bool { return o.key == key })
		if !found || at < 0 {
			return wrong(w, "%q is not known; the nearest is %q", key, nearest.Word(key, optionKeys()))
		}
		if err := setupOptions[at].read(&p.scenario.Setup, value); err != nil {
			return wrong(w, "%s: %v", key, err)
		}
	}
	if err := p.scenario.Setup.Validate(); err != nil && len(words) > 0 {
		return wrong(words[0], "%v", err)
	}
	return nil
}

func optionKeys() (keys []string) {
	for _, o := range setupOptions {
		keys = append(keys, o.key)
	}
	return keys
}

func (p *parser) at(words []word) *ParseError {
	at, words, err := instant(words)
	if err != nil {
		return err
	}
	p.last = at
	if len(words) == 0 {
		return &ParseError{Column: 1, Message: "nothing happens: a verb is missing, as crash"}
	}
	verb := slices.IndexFunc(grammar[:], func(s syntax) bool { return s.word == words[0].text && s.word != "" })
	if verb < 0 {
		return wrong(words[0], "%q is not known; the nearest is %q", words[0].text, nearest.Word(words[0].text, allVerbs()))
	}
	action := Action{At: at, Verb: Verb(verb)}
	if err := fill(&action, words); err != nil {
		return err
	}
	p.names.read(&action, words, p.number)
	p.scenario.Actions = append(p.scenario.Actions, action)
	return nil
}

func allVerbs() (words []string) {
	for _, s := range grammar[1:] {
		words = append(words, s.word)
	}
	return words
}

// fill reads what follows the verb.
func fill(action *Action, words []word) *ParseError {
	syntax := grammar[action.Verb]
	for i, s := range syntax.slots {
		if i+1 >= len(words) {
			if i >= len(syntax.slots)-syntax.optional {
				return nil
			}
			last := words[len(words)-1]
			return &ParseError{Column: last.column + len(last.text), Message: fmt.Sprintf("%s wants %s here", syntax.word, s.name)}
		}
		w := words[i+1]
		if err := s.read(action, w.text); err != nil {
			if errors.Is(err, errOutOfRange) {
				return wrong(w, "%v", err)
			}
			if s.words != nil {
				return wrong(w, "%q is not %s; the nearest is %q", w.text, s.name, nearest.Word(w.text, s.words))
			}
			return wrong(w, "%q is not %s", w.text, s.name)
		}
	}
	if extra := words[1:]; len(extra) > len(syntax.slots) {
		return wrong(extra[len(syntax.slots)], "%q is too much", extra[len(syntax.slots)].text)
	}
	return nil
}

func instant(words []word) (time.Duration, []word, *ParseError) {
	if len(words) < 2 {
		return 0, nil, &ParseError{Column: words[0].column + len(words[0].text), Message: "a time is missing, as 2s"}
	}
	at, err := ReadDuration(words[1].text)
	if errors.Is(err, errOutOfRange) {
		return 0, nil, wrong(words[1], "%v", err)
	}
	if err != nil {
		return 0, nil, wrong(words[1], "%q is no time; write it as 2s or 300ms", words[1].text)
	}
	return at, words[2:], nil
}

func (p *parser) expect(words []word) *ParseError {
	by, rest, err := instant(words)
	if err != nil {
		return err
	}
	e := Expectation{By: by}
	if words[0].text == "within" {
		e.By += p.last
	}
	if len(rest) == 3 && rest[0].text == "every" && rest[1].text == "stream" {
		rest = rest[2:]
	} else if len(rest) == 2 {
		p.names.mention(aStream, rest[0], p.number)
		e.Stream, rest = rest[0].text, rest[1:]
	} else {
		return wrong(words[0], "what is expected? write: every stream owned, or: s1 done")
	}
	if rest[0].text != "owned" && rest[0].text != "done" {
		return wrong(rest[0], "%q is not known; the nearest is %q", rest[0].text, nearest.Word(rest[0].text, []string{"owned", "done"}))
	}
	e.Owned = rest[0].text == "owned"
	p.scenario.Expects = append(p.scenario.Expects, e)
	return nil
}
