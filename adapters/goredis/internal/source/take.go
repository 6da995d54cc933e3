package source

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// takeQuestion is a request that a script has to be asked for. Verified: its
// entry was seen to announce the name.
type takeQuestion struct {
	index    int
	verified bool
}

// Take implements ports.StreamSource.
func (s *Source) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	if err := checkMember(member); err != nil {
		return nil, refuse("Take", err)
	}
	results := make([]ports.TakeResult, len(requests))
	questions := make([]takeQuestion, 0, len(requests))
	for i, request := range requests {
		if request.Token <= 0 {
			results[i].Err = refuse("Take", fmt.Errorf("%w: token %d for %.100q; tokens are positive", ports.ErrInvalid, request.Token, request.Ref))
			continue
		}
		questions = append(questions, takeQuestion{index: i})
	}
	for first := true; len(questions) > 0; first = false {
		unanswered, err := s.takeBatch(ctx, member, requests, questions, results)
		if err != nil && first {
			return nil, err
		}
		if err != nil {
			for _, question := range questions {
				results[question.index].Err = err
			}
			break
		}
		questions = unanswered
	}
	return results, nil
}

// takeBatch asks the first questions and returns those that are left: a script
// stops early when payloads are large, and asks back when it cannot read one.
func (s *Source) takeBatch(ctx context.Context, member ports.Member, requests []ports.TakeRequest, questions []takeQuestion, results []ports.TakeResult) ([]takeQuestion, error) {
	end := batchEnd(0, len(questions), func(i int) int { return len(requests[questions[i].index].Ref.Name) })
	args := []any{member.Incarnation, member.ID, pageBytes}
	for _, question := range questions[:end] {
		request := requests[question.index]
		args = append(args, knownID(request.Ref), request.Ref.Name, int64(request.Token), millis(request.StableAfter),
			flag(question.verified), max(request.Suspect, 0), flag(request.Trial))
	}
	raw, err := s.run(ctx, s.conn.Rest, takeScript, args...)
	if err != nil {
		return nil, err
	}
	unanswered, ok := readTakes(readReply(raw), requests, questions, end, results)
	if !ok {
		return nil, takeScript.BadReply(raw)
	}
	return unanswered, nil
}

// readTakes fills in the results of the questions that were asked, those before
// asked, and returns those that have to be asked yet. Not ok: the reply is not
// that of the script.
func readTakes(answers *reply, requests []ports.TakeRequest, questions []takeQuestion, asked int, results []ports.TakeResult) (unanswered []takeQuestion, ok bool) {
	var again []takeQuestion
	answered := 0
	for ; answered < asked && !answers.isEmpty(); answered++ {
		index := questions[answered].index
		result, verify := readTake(answers.list(), requests[index].Ref)
		if verify && questions[answered].verified {
			// Or one that asks for ever would be asked for ever.
			result.Err = unreadable(requests[index].Ref)
		} else if verify {
			again = append(again, takeQuestion{index: index, verified: true})
			continue
		}
		results[index] = result
	}
	unanswered = append(questions[answered:len(questions):len(questions)], again...)
	return unanswered, answers.ok() && answers.isEmpty() && answered > 0
}

// readTake reads the answer to one question. Verify: the entry announces ref's
// name in a way that the script could not read; ask again.
func readTake(answer *reply, ref ports.StreamRef) (result ports.TakeResult, verify bool) {
	switch verdict := answer.text(); verdict {
	case "taken":
		result = readTenure(answer, ref)
	case "disowned":
		result.Remembered = answer.token()
		result.Err = fmt.Errorf("%w: %.100q was taken with token %d", ports.ErrDisowned, ref, result.Remembered)
	case "not yet":
		result.RetryIn = answer.milliseconds()
		result.Err = fmt.Errorf("%w: %.100q", ports.ErrNotYet, ref)
	case "suspect":
		result.Crashes = answer.count()
		result.Err = fmt.Errorf("%w: %.100q: %d crashes", ports.ErrSuspect, ref, result.Crashes)
	case "lost":
		result.Err = fmt.Errorf("%w: %.100q", ports.ErrLost, ref)
	case "done":
		result.Err = fmt.Errorf("%w: %.100q", ports.ErrDone, ref)
	case "verify":
		name, _, err := ParsePayload(answer.text())
		if err == nil && name == ref.Name {
			return result, true
		}
		result.Err = fmt.Errorf("%w: %.100q: the entry announces another stream", ports.ErrDone, ref)
	default:
		answer.bad = true
	}
	result.Taken = answer.tally()
	if !answer.ok() {
		return ports.TakeResult{Err: unreadable(ref)}, false
	}
	return result, false
}

func readTenure(answer *reply, ref ports.StreamRef) ports.TakeResult {
	_, info, err := ParsePayload(answer.text())
	result := ports.TakeResult{
		Assignment:   ports.Assignment{Ref: ref, Info: info},
		Failures:     answer.count(),
		Crashes:      answer.count(),
		CrashedAlone: answer.flag(),
		Changed:      answer.flag(),
	}
	// Its name was read once before it was taken first.
	answer.bad = answer.bad || err != nil
	return result
}

// unreadable is an unknown outcome.
func unreadable(ref ports.StreamRef) error {
	return fmt.Errorf("%.100q: the script's answer could not be read", ref)
}
