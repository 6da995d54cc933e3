package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// patience bounds the search. What is not decided by then counts as explained:
// nothing is known against it.
const patience = 20 * time.Second

// Explain returns nothing when there is an order of the calls that explains all
// answers; else it says where the best order ends.
func Explain(calls []Call) string {
	byName := map[string][]Call{}
	var names []string
	for _, call := range calls {
		if byName[call.Name] == nil {
			names = append(names, call.Name)
		}
		byName[call.Name] = append(byName[call.Name], call)
	}
	var text strings.Builder
	for _, name := range names {
		text.WriteString(explain(name, byName[name]))
	}
	return text.String()
}

func explain(name string, calls []Call) string {
	operations := make([]porcupine.Operation, len(calls))
	for i, call := range calls {
		operations[i] = porcupine.Operation{ClientId: call.Client, Input: call, Call: call.Begin, Return: call.Return}
	}
	result, info := porcupine.CheckOperationsVerbose(model, operations, patience)
	if result != porcupine.Illegal {
		return ""
	}
	var best []int
	for _, orders := range info.PartialLinearizations() {
		for _, order := range orders {
			if len(order) > len(best) {
				best = order
			}
		}
	}
	return stuck(name, calls, best)
}

// model is porcupine's view of store.
var model = nondeterministic.ToModel()

var nondeterministic = porcupine.NondeterministicModel{
	Init: func() []any { return []any{store{}} },
	Step: func(state, input, _ any) []any {
		var next []any
		for _, after := range state.(store).after(input.(Call)) {
			next = append(next, after)
		}
		return next
	},
}

// stuck says how far the best order goes and which calls cannot follow.
func stuck(name string, calls []Call, order []int) string {
	const most = 8
	var text strings.Builder
	fmt.Fprintf(&text, "no order of the calls about %q explains their answers. This far there is one:\n", name)
	for _, i := range order[max(0, len(order)-most):] {
		fmt.Fprintf(&text, "      %v\n", calls[i])
	}
	text.WriteString("    and none of those that come next can follow:\n")
	var rest []Call
	for i, call := range calls {
		if !slices.Contains(order, i) {
			rest = append(rest, call)
		}
	}
	slices.SortFunc(rest, func(a, b Call) int { return int(min(max(a.Begin-b.Begin, -1), 1)) })
	for _, call := range rest[:min(len(rest), most)] {
		fmt.Fprintf(&text, "      %v\n", call)
	}
	return text.String()
}
