package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

func TestTheMatrixHasEveryScenarioOnEveryCombination(t *testing.T) {
	every, err := new(matrixCommand).rows()
	require.NoError(t, err)
	require.Equal(t, sim.Scenarios(), every)

	got := call("matrix", "crash", "clock-drift-outside") // the tests of internal/sim run them all
	require.Equal(t, held, got.status, got.out)
	require.Regexp(t, hashLine, got.last())
	for name, cell := range map[string]string{"crash": cellHeld, "clock-drift-outside": cellExcuse} {
		cells := strings.Fields(got.line(t, name+" "))
		require.Equal(t, slices.Repeat([]string{cell}, len(columnsOf(modelDepth))), cells, name)
	}
}

func TestTheMatrixIsATableOfMarkdown(t *testing.T) {
	got := call("matrix", "--markdown", "--seeds", "2", "calm", "clock-drift-outside")
	require.Equal(t, held, got.status)
	require.True(t, strings.HasPrefix(got.out, strings.Join([]string{
		"| scenario | session, deadline | session, keyspace | session, none | single, deadline | single, keyspace | single, none | quorum, deadline | quorum, keyspace | quorum, none |",
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
		"| calm | held | held | held | held | held | held | held | held | held |",
		`| clock-drift-outside | held\*`,
	}, "\n")), got.out)
	require.Contains(t, got.out, "36 runs, ")
}

func TestTheWorstOfACellIsShownAndHowToSeeIt(t *testing.T) {
	scenario := sim.Scenario{Name: "calm"}
	table := newTable([]sim.Scenario{scenario}, columnsOf(modelDepth), false)
	broken := sim.Result{Scenario: scenario, Seed: 4, Violations: []sim.Violation{{Invariant: sim.S3}}}
	for _, r := range []sim.Result{{}, broken, {Excuses: map[string]string{"S1": "why"}}, {}} {
		table.add(0, 4, &r)
	}
	table.add(0, 5, &sim.Result{Excuses: map[string]string{"S1": "why"}})
	require.Equal(t, []string{"", "", "", "", "S3", "held*", "", "", ""}, table.cells[0])
	require.Equal(t, []string{program + "run calm --seed 4 --lease redsync --notifier keyspace"}, table.failed)
	require.Equal(t, held, call(asWords(table.failed[0])...).status, "the command is understood")
}

func TestACornerIsGoneThrough(t *testing.T) {
	got := call("exhaust", "--faults", "1", "--choices", "6")
	require.Equal(t, held, got.status)
	require.Regexp(t, `^All of them hold\.\n[0-9,]+ states, [0-9,]+ runs of up to 6 choices; `+
		`2 members, 1 stream, session leases, 1 fault, 6 choices deep\nhash [0-9a-f]{16}\n$`, got.out)

	cut := call("exhaust", "--runs", "3", "--lease", "redislock", "--twice")
	require.Equal(t, held, cut.status)
	require.Contains(t, cut.out, "the search was ended before all were.\n")

	broken := call("exhaust", "--faults", "1", "--ablate", "no-self-fencing")
	require.Equal(t, violated, broken.status)
	require.Regexp(t, `These choices lead to it:\n(.*\n)+hash [0-9a-f]{16}\n$`, broken.out)
}
