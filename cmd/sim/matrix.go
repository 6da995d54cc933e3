package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/streamlease/streamlease/internal/sim"
)

type matrixCommand struct {
	Scenarios []string      `arg:"" optional:"" name:"scenario" help:"Only these; all of them otherwise."`
	Seed      uint64        `default:"1" help:"The first seed."`
	Seeds     positiveCount `default:"1" placeholder:"N" help:"Run each cell with so many seeds."`
	Markdown  bool          `help:"Print the table as Markdown."`
	Depth     depthName     `default:"model" help:"How much is real: model."`
}

func (*matrixCommand) Help() string {
	return `At model depth a combination is its shape: the lease store keeps sessions (goredis, memory), or a grant for each lease on one server (redsync, redislock) or on three (redsync on a quorum). What a scenario expects in time is expected of its own notifier; everywhere else the invariants are checked alone.

Examples:

    sim matrix
    sim matrix --seeds 100 --markdown > matrix.md
    sim matrix gc-pause crash`
}

// Run fills the matrix.
func (m *matrixCommand) Run(c *console) error {
	rows, err := m.rows()
	if err != nil {
		return err
	}
	ctx, stop := untilInterrupted()
	defer stop()
	table := newTable(rows, m.Markdown)
	m.fill(ctx, c, table)
	if ctx.Err() != nil {
		c.remark("sim: interrupted; cells that are empty did not run")
	}
	return table.conclude(c)
}

func (m *matrixCommand) rows() (rows []sim.Scenario, err error) {
	if len(m.Scenarios) == 0 {
		return sim.Scenarios(), nil
	}
	for _, name := range m.Scenarios {
		scenario, err := sim.FindScenario(name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, scenario)
	}
	return rows, nil
}

// combinations are the columns, each by a name of its shape.
var combinations = func() (all []worldFlags) {
	for _, lease := range []leaseName{"goredis", "redsync", "redsync-quorum"} {
		for _, notifier := range []notifierName{"deadline", "keyspace", "none"} {
			all = append(all, worldFlags{Lease: lease, Notifier: notifier})
		}
	}
	return all
}()

func (m *matrixCommand) fill(ctx context.Context, c *console, t *table) {
	seeds := int(m.Seeds)
	all := len(t.rows) * len(combinations) * seeds
	bar := c.newProgress()
	defer bar.close()
	cell := func(number int) (row, column int, seed uint64) {
		return number / seeds / len(combinations), number / seeds % len(combinations), m.Seed + uint64(number%seeds)
	}
	inOrder(runtime.GOMAXPROCS(0),
		func(number int) bool { return ctx.Err() == nil && number < all },
		func(number int) sim.Result {
			row, column, seed := cell(number)
			scenario := t.rows[row]
			combinations[column].reshape(&scenario)
			return sim.Run(scenario, sim.Options{Seed: seed})
		},
		func(number int, r sim.Result) bool {
			row, column, _ := cell(number)
			t.add(row, column, &r)
			bar.reach(float64(number+1)/float64(all), func() string { return t.rows[row].Name })
			return true
		})
}

// table is the matrix as it fills.
type table struct {
	rows     []sim.Scenario
	cells    [][]string
	markdown bool
	counters sim.Counters
	hash     uint64
	failed   []string // the commands that show it
}

func newTable(rows []sim.Scenario, markdown bool) *table {
	t := &table{rows: rows, markdown: markdown}
	for range rows {
		t.cells = append(t.cells, make([]string, len(combinations)))
	}
	return t
}

// add puts a run into its cell. The worst of several stays.
func (t *table) add(row, column int, r *sim.Result) {
	t.counters.Add(r.Counters)
	t.hash = sim.Chain(t.hash, r.Hash)
	at := &t.cells[row][column]
	if severity(cellOf(r)) > severity(*at) {
		*at = cellOf(r)
	}
	if !r.Held() {
		t.failed = append(t.failed, fmt.Sprintf("%srun %s --seed %d%s", program, r.Scenario.Name, r.Seed, combinations[column].arguments()))
	}
}

const (
	cellHeld   = "held"
	cellExcuse = "held*"
)

func cellOf(r *sim.Result) string {
	switch {
	case !r.Held():
		return r.Violations[0].Invariant.String()
	case len(r.Excuses) > 0:
		return cellExcuse
	default:
		return cellHeld
	}
}

// severity orders what a cell may say: a violation is the worst.
func severity(cell string) int {
	switch cell {
	case "":
		return 0
	case cellHeld:
		return 1
	case cellExcuse:
		return 2
	default:
		return 3
	}
}

func (t *table) conclude(c *console) error {
	if t.markdown {
		t.sayMarkdown(c)
	} else {
		t.sayText(c)
	}
	c.say("")
	for _, command := range t.failed {
		c.say("see it with: %s", command)
	}
	c.say("held*: an invariant did not hold that is not promised under such a fault.")
	c.say("%s, %s", plural(int(t.counters.Runs), "run"), work(&t.counters))
	c.say("hash %016x", t.hash)
	if len(t.failed) > 0 {
		return errViolated
	}
	return nil
}

func (t *table) sayText(c *console) {
	line := func(first string, cell func(int) string) {
		text := fmt.Sprintf("%-28s", first)
		for i := range combinations {
			text += fmt.Sprintf("%-10s", cell(i))
		}
		c.say("%s", strings.TrimRight(text, " "))
	}
	line("leases", func(i int) string {
		if i > 0 && combinations[i].Lease == combinations[i-1].Lease {
			return ""
		}
		return combinations[i].Lease.shape().String()
	})
	line("notifier", func(i int) string { return string(combinations[i].Notifier) })
	for row, scenario := range t.rows {
		line(scenario.Name, func(i int) string { return t.cells[row][i] })
	}
}

func (t *table) sayMarkdown(c *console) {
	head, rule := "| scenario |", "| --- |"
	for _, combination := range combinations {
		head += fmt.Sprintf(" %s, %s |", combination.Lease.shape(), combination.Notifier)
		rule += " --- |"
	}
	c.say("%s\n%s", head, rule)
	for row, scenario := range t.rows {
		c.say("| %s | %s |", scenario.Name, strings.ReplaceAll(strings.Join(t.cells[row], " | "), "*", "\\*"))
	}
}
