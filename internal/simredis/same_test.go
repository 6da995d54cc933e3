package simredis_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
)

// whereFailed is what a script's error says of where in the script it was: the
// scripts that are sent here have other hashes than those that users have.
var whereFailed = regexp.MustCompile(` script: [0-9a-f]{40}, on @user_script:\d+\.`)

// same compares replies.
func same(real, simulated any) bool {
	switch real := real.(type) {
	case failure:
		other, is := simulated.(failure)
		return is && sameFailure(string(real), string(other))
	case []any:
		other, is := simulated.([]any)
		if !is || len(real) != len(other) {
			return false
		}
		for i := range real {
			if !same(real[i], other[i]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(real, simulated)
	}
}

// sameFailure: what a script raises itself has its place in it.
func sameFailure(real, simulated string) bool {
	return whereFailed.ReplaceAllString(real, "") == whereFailed.ReplaceAllString(simulated, "")
}

// canonical writes evidence in one way: cjson's objects have no order.
func canonical(text string) string {
	line, rest, _ := strings.Cut(text, "\n")
	var value any
	if json.Unmarshal([]byte(line), &value) != nil {
		return text
	}
	if _, isNumber := value.(float64); isNumber {
		return text
	}
	written, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return string(written) + "\n" + rest
}

// sorted brings a reply without an order into one; pairs stay together.
func sorted(reply any) any {
	list, is := reply.([]any)
	if !is {
		return reply
	}
	if len(list) == 2 {
		if inner, nested := list[1].([]any); nested { // a page and its cursor
			return []any{list[0], sorted(inner)}
		}
	}
	counts := map[any]int{}
	for _, element := range list {
		counts[element]++
	}
	return counts
}
