package hints

import (
	"context"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Look finds what has expired, by an index of deadlines. The position is where
// the last look ended, empty for the first. Rights are the commands inside its
// script, as Conn.CheckRights reads them.
type Look struct {
	At     func(ctx context.Context, lane *conn.Lane, position string) (Sight, error)
	Rights [][]any
	// Events are the server's word of keys that went away. nil: the index of
	// deadlines alone.
	Events *Events
}

// Sight is what one look came to.
type Sight struct {
	// Position is where the look ended.
	Position string
	// Next is the time to the next deadline.
	Next time.Duration
	// More: there are more that have expired.
	More bool
	// Expired is what nobody has taken since.
	Expired []ports.Hint
}

// MostPerLook bounds what one look's script does.
const MostPerLook = 100

// RunLook runs the script of a look, with the position and MostPerLook as its
// arguments. The script answers a list of texts: where the look ended, the
// microseconds until the next deadline or "", "1" when there are more that have
// expired, and then for each hint perHint texts, which read turns into one, and
// the microseconds since it expired. What is none of ours read leaves out.
func RunLook(ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, position string, perHint int, read func(texts []string) (ports.Hint, bool)) (Sight, error) {
	reply, err := script.Run(ctx, lane, keys, position, MostPerLook)
	if err != nil {
		return Sight{}, err
	}
	seen, ok := readSight(reply, perHint, read)
	if !ok {
		return Sight{}, script.BadReply(reply)
	}
	return seen, nil
}

func readSight(reply any, perHint int, read func(texts []string) (ports.Hint, bool)) (Sight, bool) {
	const head, age = 3, 1
	list, ok := reply.([]any)
	if !ok || len(list) < head || (len(list)-head)%(perHint+age) != 0 {
		return Sight{}, false
	}
	texts := make([]string, len(list))
	for i, element := range list {
		if texts[i], ok = element.(string); !ok {
			return Sight{}, false
		}
	}
	seen := Sight{Position: texts[0], Next: time.Hour, More: texts[2] == "1"}
	if _, err := strconv.ParseUint(seen.Position, 10, 63); err != nil {
		return Sight{}, false
	}
	if texts[1] != "" {
		if seen.Next, ok = readMicroseconds(texts[1], time.Hour); !ok {
			return Sight{}, false
		}
	}
	for at := head; at < len(texts); at += perHint + age {
		hint, ours := read(texts[at : at+perHint])
		if hint.Age, ok = readMicroseconds(texts[at+perHint], longestAge); !ok {
			return Sight{}, false
		}
		if ours {
			seen.Expired = append(seen.Expired, hint)
		}
	}
	return seen, true
}

// longestAge is more than anybody asks about.
const longestAge = 365 * 24 * time.Hour

func readMicroseconds(text string, longest time.Duration) (time.Duration, bool) {
	micros, err := strconv.ParseUint(text, 10, 63)
	return time.Duration(min(micros, uint64(longest/time.Microsecond))) * time.Microsecond, err == nil
}
