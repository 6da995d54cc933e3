package conformance

import (
	"strings"

	"github.com/streamlease/streamlease/ports"
)

var announceQuestions = []sourceQuestion{
	{
		where:   "Announcer.Announce",
		text:    "Announce adds the assignments, which need no MessageID, in order.",
		examine: announceAddsInOrder,
	}, {
		where:   "Announcer.Announce",
		text:    "A name or info that breaks the rules is ErrInvalid and adds nothing.",
		examine: whatBreaksTheRulesAddsNothing,
	}, {
		where:   "AnnounceResult.Ref",
		text:    "Ref is the new assignment, when Err is nil.",
		examine: announceAnswersTheRef,
	},
}

// announcer is the source as an Announcer. Who announces in another way is not
// examined for it.
func (b *sourceBench) announcer() (ports.Announcer, bool) {
	announcer, is := b.alice.port.(ports.Announcer)
	if !is {
		b.uncoveredBy("the source is no ports.Announcer")
	}
	return announcer, is
}

func announceAddsInOrder(b *sourceBench) {
	announcer, is := b.announcer()
	if !is {
		return
	}
	var want []ports.StreamRef
	for _, names := range [][]string{{"c", "a", "b"}, {"a"}, {}, {"a", "a", "A"}} {
		assignments := make([]ports.Assignment, len(names))
		for i, name := range names {
			// A message ID that somebody left there means nothing.
			assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name, MessageID: "7-7"}}
		}
		for _, result := range b.announceBy(announcer, assignments) {
			b.expectSuccess(result.Err, "Announce")
			want = append(want, result.Ref)
		}
	}
	b.expectInOrder(refsOf(b.alice.fetchAll()), want, "Fetch of all that was announced")
}

func whatBreaksTheRulesAddsNothing(b *sourceBench) {
	announcer, is := b.announcer()
	if !is {
		return
	}
	name := func(text string) ports.Assignment { return ports.Assignment{Ref: ports.StreamRef{Name: text}} }
	info := func(text string) ports.Assignment {
		return ports.Assignment{Ref: ports.StreamRef{Name: "s"}, Info: ports.Info(text)}
	}
	good, last := name("good"), name("last")
	wrong := []ports.Assignment{
		name(""), name("a\xff"), name(strings.Repeat("s", ports.MaxNameBytes+1)),
		info("[]"), info(`"s"`), info("7"), info("null"), info("{"), info("{}{}"), info("{\"n\":\"\xff\"}"),
		info(`{"n":"` + strings.Repeat("n", ports.MaxInfoBytes) + `"}`),
	}
	batch := append(append([]ports.Assignment{good}, wrong...), last)
	results := b.announceBy(announcer, batch)
	for i, result := range results {
		if i == 0 || i == len(results)-1 {
			b.expectSuccess(result.Err, "Announce of a good assignment among others that break the rules")
			continue
		}
		assignment := batch[i]
		b.expectIs(result.Err, ports.ErrInvalid, "ErrInvalid", "Announce of the name "+shortName(assignment.Ref.Name)+" with the info "+shortName(string(assignment.Info)))
	}
	alone := b.announceBy(announcer, wrong[:1])
	b.expectIs(alone[0].Err, ports.ErrInvalid, "ErrInvalid", "Announce of an empty name alone")
	b.expectInOrder(refsOf(b.alice.fetchAll()), []ports.StreamRef{results[0].Ref, results[len(results)-1].Ref}, "Fetch, after two good and some that break the rules,")
	if fleet := b.alice.beat(); fleet.Backlog != 0 {
		b.violated("the backlog is %d when all that is good was fetched", fleet.Backlog)
	}
}

func announceAnswersTheRef(b *sourceBench) {
	announcer, is := b.announcer()
	if !is {
		return
	}
	names := []string{"s", "s", "t", "with the largest info"}
	assignments := make([]ports.Assignment, len(names))
	for i, name := range names {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: infoOf(name)}
	}
	const frame = `{"n":""}`
	assignments[3].Info = ports.Info(`{"n":"` + strings.Repeat("n", ports.MaxInfoBytes-len(frame)) + `"}`)
	results := b.announceBy(announcer, assignments)
	seen := map[string]bool{}
	for i, result := range results {
		b.expectSuccess(result.Err, "Announce")
		if result.Ref.Name != names[i] || result.Ref.MessageID == "" || seen[result.Ref.MessageID] {
			b.violated("Announce of %q answers the ref %s; it must have this name and a message ID of its own", names[i], refText(result.Ref))
		}
		seen[result.Ref.MessageID] = true
	}
	fetched := b.alice.fetchAll()
	if len(fetched) != len(results) {
		b.stop("Fetch answers %d assignments after %d were announced", len(fetched), len(results))
	}
	for i, assignment := range fetched {
		b.expectAssignment(assignment, ports.Assignment{Ref: results[i].Ref, Info: assignments[i].Info}, "Fetch")
	}
}
