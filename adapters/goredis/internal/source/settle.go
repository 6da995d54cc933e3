package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/ports"
)

// The letters by which records know how a tenure ended.
var outcomeLetters = map[ports.Outcome]string{
	ports.Done: "d", ports.HandedOff: "h", ports.Failed: "f", ports.Quarantined: "q",
}

// Settle implements ports.StreamSource.
func (s *Source) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	if err := checkMember(member); err != nil {
		return nil, refuse("Settle", err)
	}
	results := make([]ports.SettleResult, len(settlements))
	questions := make([]int, 0, len(settlements))
	for i, settlement := range settlements {
		if results[i].Err = cannotSettle(settlement); results[i].Err == nil {
			questions = append(questions, i)
		}
	}
	for from := 0; from < len(questions); {
		end := batchEnd(from, len(questions), func(i int) int { return len(settlements[questions[i]].Ref.Name) })
		err := s.settleBatch(ctx, member, settlements, questions[from:end], results)
		if err != nil && from == 0 {
			return nil, err
		}
		if err != nil {
			for _, index := range questions[from:] {
				results[index].Err = err
			}
			break
		}
		from = end
	}
	return results, nil
}

func cannotSettle(settlement ports.Settlement) error {
	if _, known := outcomeLetters[settlement.Outcome]; !known {
		return refuse("Settle", fmt.Errorf("%w: %.100q cannot end with outcome %d", ports.ErrInvalid, settlement.Ref, settlement.Outcome))
	}
	return nil
}

func (s *Source) settleBatch(ctx context.Context, member ports.Member, settlements []ports.Settlement, questions []int, results []ports.SettleResult) error {
	args := []any{member.Incarnation, member.ID}
	for _, index := range questions {
		settlement := settlements[index]
		args = append(args, knownID(settlement.Ref), settlement.Ref.Name, int64(settlement.Token), outcomeLetters[settlement.Outcome],
			cutReason(settlement.Reason), millis(settlement.RetryIn), millis(settlement.StableAfter))
	}
	raw, err := s.run(ctx, s.conn.Rest, settleScript, args...)
	if err != nil {
		return err
	}
	if !readSettles(readReply(raw), settlements, questions, results) {
		return settleScript.BadReply(raw)
	}
	return nil
}

// readSettles fills in the results of the questions, unless there is not one
// answer for each.
func readSettles(answers *reply, settlements []ports.Settlement, questions []int, results []ports.SettleResult) (ok bool) {
	if len(answers.values) != len(questions) {
		return false
	}
	for _, index := range questions {
		results[index] = readSettle(answers.list(), settlements[index].Ref)
	}
	return true
}

func readSettle(answer *reply, ref ports.StreamRef) ports.SettleResult {
	var result ports.SettleResult
	switch answer.text() {
	case "gone":
		result.Gone, result.Changed = true, answer.flag()
	case "given back":
		result.Changed = answer.flag()
	case "disowned":
		result.Remembered = answer.token()
		result.Err = fmt.Errorf("%w: %.100q was taken with token %d", ports.ErrDisowned, ref, result.Remembered)
	default:
		answer.bad = true
	}
	result.Taken = answer.tally()
	if !answer.ok() {
		return ports.SettleResult{Err: unreadable(ref)}
	}
	return result
}

// cutReason keeps what the contract says, as valid UTF-8, since it becomes JSON.
func cutReason(reason string) string {
	if len(reason) > ports.MaxReasonBytes {
		reason = reason[:ports.MaxReasonBytes]
	}
	return strings.ToValidUTF8(reason, "")
}
