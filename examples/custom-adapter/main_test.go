package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestEachTenureOfAStreamHasAHigherTokenAndEachStreamIsFinishedOnce(t *testing.T) {
	var lines bytes.Buffer
	err := run(t.Context(), &lines)
	story := lines.String()
	if err != nil {
		t.Fatalf("%v, after\n%s", err, story)
	}
	last, finished, owners := map[string]int64{}, map[string]int{}, map[string]map[string]bool{}
	for line := range strings.Lines(story) {
		var member, name string
		var token int64
		if n, _ := fmt.Sscanf(line, "%s owns %s with token %d", &member, &name, &token); n == 3 {
			if token <= last[name] {
				t.Errorf("%s has token %d after %d", name, token, last[name])
			}
			last[name] = token
			if owners[name] == nil {
				owners[name] = map[string]bool{}
			}
			owners[name][member] = true
		}
		if n, _ := fmt.Sscanf(line, "bob has finished %s", &name); n == 1 {
			finished[name]++
		}
	}
	for _, name := range []string{"order-1", "order-2", "order-3"} {
		if finished[name] != 1 || !owners[name]["alice"] || !owners[name]["bob"] {
			t.Errorf("%s must be alice's, then bob's, and be finished once", name)
		}
	}
	if t.Failed() {
		t.Log(story)
	}
}
