package demo

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// Link is a run and everything that was clicked in it, as text that fits into
// the address of a page:
//
//	seed=7&until=31.5s&at=4s+crash+m1&at=20s+freeze+m2+10m0s
//
// Its clicks are lines of a scenario.
type Link struct {
	Seed    uint64
	Members int // that start at the beginning
	Without Without
	Clicks  []sim.Action  // in the order of their instants
	Until   time.Duration // how far the run has come
}

// Without says which protections are off.
type Without struct {
	// Fencing: no member ends its tenures by its own clock, and the resource
	// that applications write to does not look at tokens.
	Fencing bool
	// Sweep: nobody looks for streams that have no owner.
	Sweep bool
}

// What a link may ask for. Links come from anybody, and a browser would stand
// still over a larger run.
const (
	LongestLink  = 64 << 10
	LongestRun   = time.Hour
	MostMembers  = 12
	mostClicks   = 2000
	mostStreams  = 2000
	usualMembers = 3
)

// ErrNoLink says that a text is no link; it is wrapped with the reason.
var ErrNoLink = errors.New("this is no link to a run")

func noLink(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrNoLink, fmt.Sprintf(format, values...))
}

// ParseLink reads a link; empty text is the usual run at its beginning. Errors
// wrap ErrNoLink.
func ParseLink(text string) (Link, error) {
	if len(text) > LongestLink {
		return Link{}, noLink("it is longer than %d bytes", LongestLink)
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return Link{}, noLink("%v", err)
	}
	link := Link{Seed: 1, Members: usualMembers}
	for key, texts := range values {
		if key != keyAt && len(texts) > 1 {
			return Link{}, noLink("%s is in it twice", key)
		}
		if err := link.read(key, texts); err != nil {
			return Link{}, err
		}
	}
	return link, link.check()
}

// The keys of a link.
const (
	keySeed    = "seed"
	keyMembers = "members"
	keyWithout = "without"
	keyAt      = "at"
	keyUntil   = "until"
)

func (l *Link) read(key string, texts []string) (err error) {
	switch key {
	case keySeed:
		l.Seed, err = strconv.ParseUint(texts[0], 10, 64)
	case keyMembers:
		l.Members, err = sim.ReadNumber(texts[0], 1, MostMembers)
	case keyWithout:
		return l.Without.read(texts[0])
	case keyUntil:
		l.Until, err = sim.ReadDuration(texts[0])
	case keyAt:
		return l.readClicks(texts)
	default:
		return noLink("%q is not known", key)
	}
	if err != nil {
		return noLink("%s=%s: %v", key, texts[0], err)
	}
	return nil
}

func (w *Without) read(text string) error {
	for word := range strings.SplitSeq(text, " ") {
		switch word {
		case "fencing":
			w.Fencing = true
		case "sweep":
			w.Sweep = true
		default:
			return noLink("without %q is not known", word)
		}
	}
	return nil
}

func (w Without) words() (words []string) {
	if w.Fencing {
		words = append(words, "fencing")
	}
	if w.Sweep {
		words = append(words, "sweep")
	}
	return words
}

func (l *Link) readClicks(lines []string) error {
	if len(lines) > mostClicks {
		return noLink("it has more than %d clicks", mostClicks)
	}
	for _, line := range lines {
		click, err := sim.ParseAction(keyAt + " " + line)
		if err != nil {
			return noLink("%v", err)
		}
		l.Clicks = append(l.Clicks, click)
	}
	return nil
}

// check refuses what no page gives: a run that takes too long, a click that
// needs to be known beforehand, a name that nobody has.
func (l *Link) check() error {
	if l.Until > LongestRun {
		return noLink("it lasts longer than %v", LongestRun)
	}
	if !slices.IsSortedFunc(l.Clicks, func(a, b sim.Action) int { return cmp.Compare(a.At, b.At) }) {
		return noLink("its clicks are not in the order of time")
	}
	streams := 0
	for _, click := range l.Clicks {
		if click.At > LongestRun {
			return noLink("%q comes too late", click)
		}
		if click.Verb == sim.DoRollback {
			return noLink("a page cannot %v", click.Verb)
		}
		if click.Verb == sim.DoAnnounce || click.Verb == sim.DoBurst {
			streams += max(click.Times, 1)
		}
	}
	if streams > mostStreams {
		return noLink("it announces more than %d streams", mostStreams)
	}
	_, err := sim.ParseScenario("link", l.Scenario().String())
	if err != nil {
		return noLink("%v", err)
	}
	return nil
}

// String returns the link as text that ParseLink reads, and that a shell takes
// within single quotes.
func (l Link) String() string {
	text := fmt.Sprintf("%s=%d", keySeed, l.Seed)
	if l.Members != usualMembers {
		text += fmt.Sprintf("&%s=%d", keyMembers, l.Members)
	}
	if words := l.Without.words(); len(words) > 0 {
		text += "&" + keyWithout + "=" + strings.Join(words, "+")
	}
	text += "&" + keyUntil + "=" + l.Until.String()
	for _, click := range l.Clicks {
		text += "&" + keyAt + "=" + url.QueryEscape(strings.TrimPrefix(click.String(), "at "))
	}
	return text
}

// String names what is off, in words; empty: nothing is.
func (w Without) String() string { return strings.Join(w.words(), " and ") }
