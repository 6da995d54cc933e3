package memory

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// messageID names an entry, as Redis does: milliseconds since 1970 and a number
// that tells the entries of one millisecond apart. The zero value comes before
// every entry.
type messageID struct {
	millis, sequence uint64
}

// next is the ID of an entry that is added at now, greater than id even if the
// clock stood still or went back.
func (id messageID) next(now time.Time) messageID {
	if millis := uint64(max(now.UnixMilli(), 0)); millis > id.millis {
		return messageID{millis: millis}
	}
	return messageID{millis: id.millis, sequence: id.sequence + 1}
}

// String returns the ID as refs carry it.
func (id messageID) String() string {
	return strconv.FormatUint(id.millis, 10) + "-" + strconv.FormatUint(id.sequence, 10)
}

// compare orders IDs by number: as texts, 9-0 would come after 10-0.
func (id messageID) compare(other messageID) int {
	return cmp.Or(cmp.Compare(id.millis, other.millis), cmp.Compare(id.sequence, other.sequence))
}

func parseMessageID(text string) (messageID, error) {
	millis, sequence, _ := strings.Cut(text, "-")
	first, err1 := strconv.ParseUint(millis, 10, 64)
	second, err2 := strconv.ParseUint(sequence, 10, 64)
	if err1 != nil || err2 != nil {
		return messageID{}, fmt.Errorf("%w: message ID %.100q is not of the form millis-sequence", ports.ErrInvalid, text)
	}
	return messageID{millis: first, sequence: second}, nil
}
