package timeline

import (
	"slices"
	"time"
)

// Takeover is a tenure of a stream that was lost by another member.
type Takeover struct {
	Stream, From, To string
	// Kind is how the stream was lost: Killed, Frozen, or Disowned when
	// nothing was seen to happen to its owner.
	Kind Kind
	// Took is the time from the loss to the new owner.
	Took time.Duration
}

// Takeovers lists them by stream, oldest first.
func (f Facts) Takeovers() []Takeover {
	var takeovers []Takeover
	for _, stream := range f.Streams {
		for i := 1; i < len(stream.Tenures); i++ {
			takeovers = append(takeovers, f.takeover(stream.Name, stream.Tenures[i-1], stream.Tenures[i]))
		}
	}
	return takeovers
}

func (f Facts) takeover(stream string, before, after Tenure) Takeover {
	takeover := Takeover{Stream: stream, From: before.Member, To: after.Member, Kind: Disowned}
	if outage, down := f.Member(before.Member).outage(after.Began); down {
		takeover.Kind = outage.Kind
		takeover.Took = after.Began - max(outage.Began, before.Began)
		return takeover
	}
	if before.Ended != 0 && before.Ended < after.Began {
		takeover.Took = after.Began - before.Ended
	}
	return takeover
}

// Times are durations, to be summed up.
type Times []time.Duration

// TimesOf are those of the takeovers of that kind.
func TimesOf(takeovers []Takeover, kind Kind) Times {
	var times Times
	for _, takeover := range takeovers {
		if takeover.Kind == kind {
			times = append(times, takeover.Took)
		}
	}
	slices.Sort(times)
	return times
}

// Median is the middle one, or 0.
func (t Times) Median() time.Duration {
	if len(t) == 0 {
		return 0
	}
	return t[len(t)/2]
}

// Max is the longest, or 0.
func (t Times) Max() time.Duration {
	if len(t) == 0 {
		return 0
	}
	return t[len(t)-1]
}
