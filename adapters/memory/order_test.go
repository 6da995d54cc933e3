package memory

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease/ports"
)

func TestAJournalIsASortedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := newJournal[int, string](cmp.Compare[int])
		model := map[int]string{}
		last := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				last += rapid.IntRange(1, 3).Draw(t, "step")
				model[last] = rapid.String().Draw(t, "value")
				j.add(last, model[last])
			},
			"remove": func(t *rapid.T) {
				key := rapid.IntRange(0, last+1).Draw(t, "key")
				delete(model, key)
				j.remove(key)
			},
			"remove on a walk": func(t *rapid.T) {
				after := rapid.IntRange(0, last).Draw(t, "after")
				for key := range j.after(after) {
					delete(model, key)
					j.remove(key)
				}
			},
			"": func(t *rapid.T) {
				after := rapid.IntRange(0, last).Draw(t, "after")
				var want []int
				for key := range model {
					if key > after {
						want = append(want, key)
					}
				}
				slices.Sort(want)
				var got []int
				for key, value := range j.after(after) {
					if value != model[key] {
						t.Fatalf("key %d has %q, want %q", key, value, model[key])
					}
					got = append(got, key)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("after %d: %v, want %v", after, got, want)
				}
				if _, found := j.find(after); found != has(model, after) {
					t.Fatalf("find(%d) says %v", after, found)
				}
				if len(j.lines) > 2*len(model)+1 {
					t.Fatalf("%d lines for %d values", len(j.lines), len(model))
				}
			},
		})
	})
}

func has(model map[int]string, key int) bool {
	_, found := model[key]
	return found
}

func TestAScheduleGivesTheEarliestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s schedule[int]
		type planned struct {
			value  int
			second int
			place  *appointment[int]
		}
		var model []planned
		at := func(second int) time.Time { return time.Unix(int64(second), 0) }
		drawSecond := func(t *rapid.T) int { return rapid.IntRange(0, 5).Draw(t, "second") }
		drawPlaces := func(t *rapid.T) []int {
			if len(model) == 0 {
				return nil
			}
			return []int{rapid.IntRange(0, len(model)-1).Draw(t, "which")}
		}
		added := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				added++
				second := drawSecond(t)
				model = append(model, planned{added, second, s.add(at(second), added)})
			},
			"move": func(t *rapid.T) {
				for _, i := range drawPlaces(t) {
					model[i].second = drawSecond(t)
					s.move(model[i].place, at(model[i].second))
				}
			},
			"remove": func(t *rapid.T) {
				for _, i := range drawPlaces(t) {
					s.remove(model[i].place)
					model = slices.Delete(model, i, i+1)
				}
			},
			"pop": func(t *rapid.T) {
				now := drawSecond(t)
				first := slices.IndexFunc(model, func(p planned) bool {
					return p.second == slices.MinFunc(model, func(a, b planned) int { return a.second - b.second }).second
				})
				value, due := s.popDue(at(now))
				if want := first >= 0 && model[first].second <= now; due != want {
					t.Fatalf("popDue(%d) says %v, want %v", now, due, want)
				}
				if due {
					if value != model[first].value {
						t.Fatalf("popDue(%d) gives %d, want %d", now, value, model[first].value)
					}
					model = slices.Delete(model, first, first+1)
				}
			},
			"": func(t *rapid.T) {
				now, limit := drawSecond(t), rapid.IntRange(1, 4).Draw(t, "limit")
				byTime := slices.Clone(model)
				slices.SortStableFunc(byTime, func(a, b planned) int { return a.second - b.second })
				var want []int
				for _, p := range byTime {
					if p.second <= now {
						want = append(want, p.value)
					}
				}
				values, more := s.due(at(now), limit)
				if more != (len(want) > limit) || !slices.Equal(values, want[:min(limit, len(want))]) {
					t.Fatalf("due(%d, %d) gives %v, %v; want the first of %v", now, limit, values, more, want)
				}
			},
		})
	})
}

func TestMessageIDsGrowWhateverTheClockDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var last messageID
		for _, millis := range rapid.SliceOf(rapid.Int64Range(-5, 20)).Draw(t, "clock") {
			next := last.next(time.UnixMilli(millis))
			if next.compare(last) <= 0 {
				t.Fatalf("%v follows %v", next, last)
			}
			parsed, err := parseMessageID(next.String())
			if err != nil || parsed != next {
				t.Fatalf("%v is parsed as %v, %v", next, parsed, err)
			}
			last = next
		}
	})
}

func TestWhatIsNoMessageID(t *testing.T) {
	for _, text := range []string{"", "-", "5", "5-", "-5", "5-6-7", "a-1", "1-b", "+1-2", "99999999999999999999-0"} {
		_, err := parseMessageID(text)
		require.ErrorIs(t, err, ports.ErrInvalid, text)
	}
}
