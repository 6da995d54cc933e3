package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim"
)

type matrixCommand struct {
	Scenarios []string      `arg:"" optional:"" name:"scenario" help:"Only these; all of them otherwise."`
	Seed      uint64        `default:"1" help:"The first seed."`
	Seeds     positiveCount `default:"1" placeholder:"N" help:"Run each cell with so many seeds."`
	Markdown  bool          `help:"Print the table as Markdown."`
	Depth     depthName     `default:"model" help:"How much is real: model or adapters."`
}

func (*matrixCommand) Help() string {
	return `At model depth a combination is its shape: the lease store keeps sessions (goredis, memory), or a grant for each lease on one server (redsync, redislock) or on three (redsync on a quorum). What a scenario expects in time is expected of its own notifier; everywhere else the invariants are checked alone.

At adapters depth there is a column for each lease store, every scenario has the notifier it was written with, and the invariants are checked alone.

Examples:

    sim matrix
    sim matrix --seeds 100 --markdown > matrix.md
    sim matrix gc-pause crash
    sim matrix --depth adapters`
}

// Run fills the matrix.
func (m *matrixCommand) Run(c *console) error {
	rows, err := m.rows()
	if err != nil {
		return err
	}
	ctx, stop := commandline.UntilInterrupted()
	defer stop()
	table := newTable(rows, columnsOf(m.Depth), m.Markdown)
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

// columnsOf are the combinations that a matrix goes through: at model depth
// each shape by a name that has it, with each notifier.
func columnsOf(depth depthName) (all []worldFlags) {
	if depth == adaptersDepth {
		for _, lease := range []leaseName{"goredis", "redsync", "redsync-quorum", "redislock"} {
			all = append(all, worldFlags{Lease: lease, Depth: depth})
		}
		return all
	}
	for _, lease := range []leaseName{"goredis", "redsync", "redsync-quorum"} {
		for _, notifier := range []notifierName{"deadline", "keyspace", "none"} {
			all = append(all, worldFlags{Lease: lease, Notifier: notifier, Depth: depth})
		}
	}
	return all
}

func (m *matrixCommand) fill(ctx context.Context, c *console, t *table) {
	seeds := int(m.Seeds)
	all := len(t.rows) * len(t.columns) * seeds
	bar := commandline.NewProgress(c.complaints)
	defer bar.Close()
	cell := func(number int) (row, column int, seed uint64) {
		return number / seeds / len(t.columns), number / seeds % len(t.columns), m.Seed + uint64(number%seeds)
	}
	inOrder(runtime.GOMAXPROCS(0),
		func(number int) bool { return ctx.Err() == nil && number < all },
		func(number int) sim.Result {
			row, column, seed := cell(number)
			scenario := t.rows[row]
			t.columns[column].reshape(&scenario)
			return t.columns[column].play(scenario, sim.Options{Seed: seed})
		},
		func(number int, r sim.Result) bool {
			row, column, _ := cell(number)
			t.add(row, column, &r)
			bar.Reach(float64(number+1)/float64(all), func() string { return t.rows[row].Name })
			return true
		})
}

// table is the matrix as it fills.
type table struct {
	rows     []sim.Scenario
	columns  []worldFlags
	cells    [][]string
	markdown bool
	counters sim.Counters
	hash     uint64
	failed   []string // the commands that show it
}

func newTable(rows []sim.Scenario, columns []worldFlags, markdown bool) *table {
	t := &table{rows: rows, columns: columns, markdown: markdown}
	for range rows {
		t.cells = append(t.cells, make([]string, len(columns)))
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
		t.failed = append(t.failed, fmt.Sprintf("%srun %s --seed %d%s", program, r.Scenario.Name, r.Seed, t.columns[column].arguments()))
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

// Room for the longest name of a shape, or of a lease store, and blanks.
const (
	cellOfShape = 10
	cellOfStore = 16
)

func (t *table) sayText(c *console) {
	line := func(first string, cell func(int) string) {
		text := fmt.Sprintf("%-28s", first)
		for i := range t.columns {
			text += fmt.Sprintf("%-*s", t.cellWidth(), cell(i))
		}
		c.say("%s", strings.TrimRight(text, " "))
	}
	line("leases", func(i int) string {
		if i > 0 && t.columns[i].Lease == t.columns[i-1].Lease {
			return ""
		}
		return t.leases(i)
	})
	line("notifier", t.notifier)
	for row, scenario := range t.rows {
		line(scenario.Name, func(i int) string { return t.cells[row][i] })
	}
}

func (t *table) cellWidth() int {
	if t.columns[0].Depth == adaptersDepth {
		return cellOfStore
	}
	return cellOfShape
}

func (t *table) leases(column int) string {
	world := &t.columns[column]
	return world.leasesInWords(world.Lease.shape())
}

// notifier is what a column has; none of its own: each scenario's.
func (t *table) notifier(column int) string {
	if name := t.columns[column].Notifier; name != "" {
		return string(name)
	}
	return "as written"
}

func (t *table) sayMarkdown(c *console) {
	head, rule := "| scenario |", "| --- |"
	for i := range t.columns {
		head += fmt.Sprintf(" %s, %s |", t.leases(i), t.notifier(i))
		rule += " --- |"
	}
	c.say("%s\n%s", head, rule)
	for row, scenario := range t.rows {
		c.say("| %s | %s |", scenario.Name, strings.ReplaceAll(strings.Join(t.cells[row], " | "), "*", "\\*"))
	}
}
