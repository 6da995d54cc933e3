package conformance

import (
	"context"
	"errors"

	"github.com/streamlease/streamlease/ports"
)

// takesEach answers each request by itself.
func takesEach(take func(w *wrongSource, member ports.Member, request ports.TakeRequest) ports.TakeResult) func(*wrongSource) {
	return func(w *wrongSource) {
		w.take = func(_ context.Context, member ports.Member, requests []ports.TakeRequest) (results []ports.TakeResult, err error) {
			for _, request := range requests {
				results = append(results, take(w, member, request))
			}
			return results, nil
		}
	}
}

// takeOne is what a right source answers.
func (w *wrongSource) takeOne(member ports.Member, request ports.TakeRequest) ports.TakeResult {
	results, err := w.right.Take(context.Background(), member, []ports.TakeRequest{request})
	if err != nil {
		return ports.TakeResult{Err: err}
	}
	return results[0]
}

var wrongTrials = []sourceMistake{
	{
		mistake: "a suspect is refused, and taken all the same",
		where:   "StreamSource.Take",
		text:    "An assignment against which Suspect crashes stand, or more, is ErrSuspect with their number, and nothing changes; whatever else Take answers comes first.",
		make: takesEach(func(w *wrongSource, member ports.Member, request ports.TakeRequest) ports.TakeResult {
			result := w.takeOne(member, request)
			if errors.Is(result.Err, ports.ErrSuspect) {
				request.Suspect = 0
				w.takeOne(member, request)
			}
			return result
		}),
	}, {
		mistake: "a suspect is one before its retry time, too",
		where:   "StreamSource.Take",
		text:    "An assignment against which Suspect crashes stand, or more, is ErrSuspect with their number, and nothing changes; whatever else Take answers comes first.",
		make: takes(func(_ *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
			if errors.Is(result.Err, ports.ErrNotYet) && request.Suspect > 0 {
				result.Err, result.Crashes = ports.ErrSuspect, request.Suspect
			}
		}),
	}, {
		mistake: "nobody is a suspect",
		where:   "StreamSource.Take",
		text:    "An assignment against which Suspect crashes stand, or more, is ErrSuspect with their number, and nothing changes; whatever else Take answers comes first.",
		make:    asks(func(_ *wrongSource, request *ports.TakeRequest) { request.Suspect = 0 }),
	}, {
		mistake: "a suspicion makes no suspect before it is counted",
		where:   "StreamSource.Take",
		text:    "A suspicion that still stands is one of them.",
		make: takesEach(func(w *wrongSource, member ports.Member, request ports.TakeRequest) ports.TakeResult {
			result := w.takeOne(member, request)
			if errors.Is(result.Err, ports.ErrSuspect) && w.memo.get("crashed", request.Ref) == "" {
				request.Suspect = 0
				result = w.takeOne(member, request)
			}
			if result.Err == nil && result.Crashes > 0 {
				w.memo.put("yes", "crashed", request.Ref)
			}
			return result
		}),
	}, {
		mistake: "a suspect stays one, however long its last tenure was",
		where:   "StreamSource.Take",
		text:    "A tenure of StableAfter that the Take would end leaves none.",
		make: takesEach(func(w *wrongSource, member ports.Member, request ports.TakeRequest) ports.TakeResult {
			if request.Suspect == 0 {
				return w.takeOne(member, request)
			}
			request.StableAfter = 0
			return w.takeOne(member, request)
		}),
	}, {
		mistake: "a trial has no end",
		where:   "StreamSource.Take",
		text:    "A tenure that began with Trial is on trial until its Take is repeated without; a repeat with Trial changes nothing.",
		make: asks(func(w *wrongSource, request *ports.TakeRequest) {
			if w.memo.count("trial", request.Ref, request.Token) > 0 {
				request.Trial = true
			}
		}),
	}, {
		mistake: "a Take that is repeated ends the trial, whatever it says",
		where:   "StreamSource.Take",
		text:    "A tenure that began with Trial is on trial until its Take is repeated without; a repeat with Trial changes nothing.",
		make: asks(func(w *wrongSource, request *ports.TakeRequest) {
			if w.memo.count("trial", request.Ref, request.Token) > 0 {
				request.Trial = false
			}
		}),
	}, {
		mistake: "no trial is remembered",
		where:   "StreamSource.Take",
		text:    "A suspicion remembers whether its tenure was on trial: once it is counted CrashedAlone says so, until another one is counted or the counts are set to zero.",
		make:    asks(func(_ *wrongSource, request *ports.TakeRequest) { request.Trial = false }),
	}, {
		mistake: "who has crashed alone has done so for ever",
		where:   "StreamSource.Take",
		text:    "A suspicion remembers whether its tenure was on trial: once it is counted CrashedAlone says so, until another one is counted or the counts are set to zero.",
		make: takes(func(w *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
			if result.CrashedAlone {
				w.memo.put("yes", "alone", request.Ref)
			}
			result.CrashedAlone = result.Err == nil && w.memo.get("alone", request.Ref) != ""
		}),
	}, {
		mistake: "a trial that was stood says nothing of those before",
		where:   "StreamSource.Take",
		text:    "Who has stood a trial has not crashed alone before it.",
		make: takes(func(w *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
			switch {
			case result.Err != nil:
			case result.Changed && result.CrashedAlone:
				w.memo.put("yes", "alone", request.Ref, request.Token)
			case !result.Changed:
				result.CrashedAlone = w.memo.get("alone", request.Ref, request.Token) != ""
			}
		}),
	},
}
