package core

import (
	"strings"

	"github.com/cockroachdb/datadriven"
)

// together feeds one Step with several events, as a driver does that finds
// them waiting: "answer PORT", "abandon N" and "claim N REF", one on a line.
func (s *story) together(d *datadriven.TestData) {
	var events []Event
	for _, line := range strings.Split(strings.TrimSpace(d.Input), "\n") {
		words := strings.Fields(line)
		switch words[0] {
		case "answer":
			id, _ := s.oldest(words[1])
			command := s.open[id]
			delete(s.open, id)
			events = append(events, s.event(Answered{Call: id, Sent: s.sentAt[id]}, command, nil, row{fields: map[string]string{}}))
		case "abandon":
			events = append(events, RequestAbandoned{Request: RequestID(s.number(words[1]))})
		case "claim":
			events = append(events, ClaimRequested{Request: RequestID(s.number(words[1])), Ref: s.parseRef(words[2])})
		}
	}
	s.step(events...)
}
