package demo

import (
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// Lesson is one step of the tour: one idea, what to do, what to look at.
type Lesson struct {
	Title string `json:"title"`
	Idea  string `json:"idea"`
	Do    string `json:"do"`
	Look  string `json:"look"`
	// Then is what was seen, once it was done.
	Then string `json:"then"`

	watch func() watcher
}

// watcher notices from what happens that a step was done.
type watcher interface {
	// see takes an event that came after the step began. owner says who owned
	// a stream before it.
	see(e *sim.Event, owners owners) (done bool)
}

// Lessons are the steps of the tour.
func Lessons() []Lesson { return lessons }

var lessons = []Lesson{
	{
		Title: "Streams are shared out",
		Idea:  "A producer announces each stream once, on the load-balancer stream. Each announcement goes to one member, which leases the stream and works on it, alone.",
		Do:    "Press Play.",
		Look:  "Six streams come in at the top and fall into the lanes of the members. A bar is a lease; its colour is its token, and no two are alike.",
		Then:  "Every stream has one owner, and the members have equal shares.",
		watch: func() watcher { return &sharedOut{} },
	},
	{
		Title: "A crash: the others are told, one claims",
		Idea:  "A member renews its lease as long as it lives. When it crashes, the lease runs out, the others hear of it at once, and one of them claims each stream.",
		Do:    "Kill a member that owns streams.",
		Look:  "Its bars go on to the end of their lease, and no further. Then hints fly (▾) and the bars begin again (▲) in other lanes, with new colours: new tokens, always higher ones.",
		Then:  "All its streams have new owners, a few milliseconds after the lease ran out.",
		watch: func() watcher { return &crashed{} },
	},
	{
		Title: "A stuck consumer wakes up, and is disowned",
		Idea:  "A pause of the garbage collector, a stopped process: it knows nothing of the time that passes. Its leases end all the same, by its own clock a margin earlier than at the store.",
		Do:    "Freeze a member that owns streams. Wait until others have taken them over, then thaw it.",
		Look:  "The frozen lane is hatched. Where the strong bar ends, its right is over, before the pale one ends at the store. When it goes on, it is told at once that it is disowned.",
		Then:  "It woke up, heard that it is disowned, and stopped. At no instant did two members believe that they own one stream.",
		watch: func() watcher { return &woken{} },
	},
	{
		Title: "Its late write is refused",
		Idea:  "A thread may be quicker than the news. Each write carries its tenure's token, and a store that remembers the highest one refuses all that are lower.",
		Do:    "Freeze and thaw a member once more, and look at the instant at which it goes on.",
		Look:  "A red ✕: the write of the old owner was refused, and the list says why. Later, turn on “without fencing” and see the same minute without it: overlaps are red, and writes are corrupted.",
		Then:  "The late write came, with a token that was too low, and changed nothing.",
		watch: func() watcher { return &refusedLate{} },
	},
	{
		Title: "A lost notification does no harm",
		Idea:  "Hints are only quick. What no hint reports is found by the sweep: now and then somebody goes through everything that is pending, and looks whether it has an owner.",
		Do:    "Press “lose hints”, then kill a member that owns streams. (Is only one left? Restart the others.)",
		Look:  "The hollow ▿ are hints that nobody got. For a while nobody owns the streams; then the sweep finds them. With “without sweep” they would wait for ever.",
		Then:  "Nobody was told, and the streams were found all the same. It took a little longer.",
		watch: func() watcher { return &lostHint{} },
	},
	{
		Title: "Done, and closing",
		Idea:  "A stream that is done leaves the load-balancer stream for good. A member that closes hands its streams on: no lease has to run out.",
		Do:    "Press “finish a stream”, then close a member that owns streams.",
		Look:  "The ✓ ends a stream for ever. The bars of the member that closes go on in other lanes within milliseconds.",
		Then:  "That was all: kill, freeze, cut off and flush what you like. Each run is a link, and each link is a command for your terminal.",
		watch: func() watcher { return &closed{} },
	},
}

// Tour goes through the lessons, and notices which were done.
type Tour struct {
	At   int    `json:"at"`   // the lesson
	Done []bool `json:"done"` // by lesson

	since   time.Duration // when the lesson began
	owners  owners
	watcher watcher
}

// NewTour begins with the first lesson.
func NewTour() Tour {
	t := Tour{Done: make([]bool, len(lessons))}
	t.turnTo(0, 0)
	return t
}

// turnTo begins a lesson at an instant.
func (t *Tour) turnTo(lesson int, present time.Duration) {
	t.At = min(max(lesson, 0), len(lessons)-1)
	t.since = present
	t.watcher = lessons[t.At].watch()
	if t.At == 0 {
		t.since = 0 // what comes in by itself may have come
	}
}

// again: the run begins again, and goes on to an instant. What the lesson saw
// may not have happened.
func (t *Tour) again(until time.Duration) {
	t.owners = owners{}
	t.since = min(t.since, until)
	t.watcher = lessons[t.At].watch()
}

func (t *Tour) see(e *sim.Event) {
	if e.At >= t.since && t.watcher.see(e, t.owners) {
		t.Done[t.At] = true
	}
	t.owners.see(e)
}
