package demo

import "github.com/streamlease/streamlease/internal/sim/page"

// News is what a page shows of a Stage, as far as it has changed.
type News struct {
	// Again: the run was begun again; what was told before is void.
	Again bool          `json:"again"`
	Patch page.Document `json:"patch"`
	Tally Tally         `json:"tally"`
	Tour  Tour          `json:"tour"`
	// Link is the address of the run up to the present, and Coming how many
	// clicks are to come when it goes on.
	Link   string `json:"link"`
	Hash   string `json:"hash"`
	Coming int    `json:"coming"`
	Broken string `json:"broken,omitempty"` // a panic of the simulated program, which ended the run
}

// News is what is new since the last time.
func (s *Stage) News() News {
	result := s.Result()
	news := News{Again: s.fresh, Patch: s.feed.Patch(&result), Tally: s.tally, Tour: s.tour,
		Link: s.Link().String(), Hash: result.HashLine(), Coming: len(s.link.Clicks) - s.given, Broken: result.Stack}
	s.fresh = false
	return news
}

// TurnTo begins a lesson of the tour.
func (s *Stage) TurnTo(lesson int) { s.tour.turnTo(lesson, s.run.Present()) }
