package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/nearest"
)

// The line of a scenario file that begins with "with": what differs from the
// usual world, as key=value.

type option struct {
	key  string
	read func(*Setup, string) error
	show func(*Setup) string // empty: as usual
}

func numberOption(key string, least, most int, field func(*Setup) *int) option {
	return option{key,
		func(s *Setup, text string) (err error) {
			*field(s), err = ReadNumber(text, least, most)
			return err
		},
		func(s *Setup) string {
			if *field(s) == 0 {
				return ""
			}
			return strconv.Itoa(*field(s))
		}}
}

func timeOption(key string, field func(*Setup) *time.Duration) option {
	return option{key,
		func(s *Setup, text string) (err error) {
			*field(s), err = ReadDuration(text)
			return err
		},
		func(s *Setup) string {
			if *field(s) == 0 {
				return ""
			}
			return field(s).String()
		}}
}

func wordOption[T ~uint8](key string, words []string, field func(*Setup) *T) option {
	return option{key,
		func(s *Setup, text string) error {
			at := slices.Index(words, text)
			if at < 0 {
				return fmt.Errorf("%w %q; the nearest is %q", errUnknownWord, text, nearest.Word(text, words))
			}
			*field(s) = T(at)
			return nil
		},
		func(s *Setup) string {
			if *field(s) == 0 {
				return ""
			}
			return words[*field(s)]
		}}
}

func flagOption(key string, field func(*Setup) *bool) option {
	return option{key,
		func(s *Setup, text string) (err error) {
			*field(s), err = strconv.ParseBool(text)
			return err
		},
		func(s *Setup) string {
			if !*field(s) {
				return ""
			}
			return "true"
		}}
}

var setupOptions = []option{
	wordOption("lease", leaseWords, func(s *Setup) *Lease { return &s.Lease }),
	wordOption("notifier", notifierWords, func(s *Setup) *Notifier { return &s.Notifier }),
	numberOption("members", 1, MostMembers, func(s *Setup) *int { return &s.Members }),
	numberOption("streams", 0, MostStreams, func(s *Setup) *int { return &s.Streams }),
	flagOption("again", func(s *Setup) *bool { return &s.Again }),
	numberOption("room", 0, MostStreams, func(s *Setup) *int { return &s.Room }),
	timeOption("ttl", func(s *Setup) *time.Duration { return &s.TTL }),
	timeOption("sweep", func(s *Setup) *time.Duration { return &s.Sweep }),
	timeOption("workmin", func(s *Setup) *time.Duration { return &s.WorkMin }),
	timeOption("workmax", func(s *Setup) *time.Duration { return &s.WorkMax }),
	timeOption("writes", func(s *Setup) *time.Duration { return &s.Writes }),
	timeOption("faults", func(s *Setup) *time.Duration { return &s.Faults }),
	numberOption("fails", 0, 1000, func(s *Setup) *int { return &s.Fails }),
	numberOption("givesup", 0, 1000, func(s *Setup) *int { return &s.GivesUp }),
	flagOption("smalltokens", func(s *Setup) *bool { return &s.SmallTokens }),
	flagOption("manual", func(s *Setup) *bool { return &s.Manual }),
	flagOption("nocore", func(s *Setup) *bool { return &s.NoCore }),
	numberOption("pages", 0, MostStreams, func(s *Setup) *int { return &s.Pages }),
	numberOption("maxfailures", 0, MostStreams, func(s *Setup) *int { return &s.MaxFailures }),
	numberOption("maxcrashes", 0, MostStreams, func(s *Setup) *int { return &s.MaxCrashes }),
}

// String returns the setup as a line of a scenario file; empty: as usual.
func (s Setup) String() string {
	var pairs []string
	for _, o := range setupOptions {
		if value := o.show(&s); value != "" {
			pairs = append(pairs, o.key+"="+value)
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "with " + strings.Join(pairs, " ")
}

// String returns the scenario as a file that ParseScenario reads.
func (s Scenario) String() string {
	var text strings.Builder
	if s.About != "" {
		fmt.Fprintf(&text, "# %s\n", s.About)
	}
	if line := s.Setup.String(); line != "" {
		fmt.Fprintln(&text, line)
	}
	for _, a := range s.Actions {
		fmt.Fprintln(&text, a)
	}
	for _, e := range s.Expects {
		fmt.Fprintln(&text, e)
	}
	return text.String()
}

// String returns the expectation as a line of a scenario file.
func (e Expectation) String() string {
	what, state := e.Stream, "done"
	if what == "" {
		what = "every stream"
	}
	if e.Owned {
		state = "owned"
	}
	return fmt.Sprintf("by %v %s %s", e.By, what, state)
}
