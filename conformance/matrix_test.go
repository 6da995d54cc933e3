package conformance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

//go:generate go test -run ^TestTheMatrixInTheDocumentationIsUpToDate$ . -rewrite

var rewrite = flag.Bool("rewrite", false, "write "+matrixPath+" anew")

const matrixPath = "../docs/conformance.md"

func TestTheMatrixInTheDocumentationIsUpToDate(t *testing.T) {
	written := matrix(t)
	if *rewrite {
		require.NoError(t, os.WriteFile(matrixPath, []byte(written), 0o644))
		return
	}
	found, err := os.ReadFile(matrixPath)
	require.NoError(t, err)
	assert.Equal(t, withoutChance(written, string(found)), string(found), "write it anew: go generate ./conformance")
}

// withoutChance leaves out ○ that the document does not have: what is wrong and
// slow breaks further sentences on a machine that is slow, too.
func withoutChance(written, found string) string {
	cells, documented := strings.Split(written, "|"), strings.Split(found, "|")
	if len(cells) != len(documented) {
		return written
	}
	for i, cell := range cells {
		if strings.TrimSpace(cell) == "○" && strings.TrimSpace(documented[i]) == "" {
			cells[i] = documented[i]
		}
	}
	return strings.Join(cells, "|")
}

const matrixIntroduction = `<!-- Written by go generate ./conformance; do not edit. -->
# The suite can fail

A test that never fails proves nothing. Each adapter below is right but for one
mistake. The suite must catch it by the sentence of the contract that it breaks:
that is ● in the table. ○ are sentences that catch it as well. A sentence that
catches none is taken out of the suite, or gets one.

Where it depends on how goroutines happen to run whether a sentence catches more
than the mistakes that it is there for, ○ is left out; so it is of adapters that
look and act in two steps, with a pause between them.

Lease stores make each mistake with a grant for each member and with a grant for
each lease, and are caught both times; those marked (sessions) cannot be made
with one lease to a grant.
`

// matrix is the whole document.
func matrix(t *testing.T) string {
	var text strings.Builder
	text.WriteString(matrixIntroduction)
	for _, s := range suites() {
		writeMatrix(&text, s, catches(t))
	}
	return text.String()
}

func writeMatrix(text *strings.Builder, s suite, all []caught) {
	columns := columnsOf(s, all)
	fmt.Fprintf(text, "\n## %s\n\nThe wrong adapters:\n\n", s.port)
	for i, column := range columns {
		fmt.Fprintf(text, "%d. %s\n", i+1, column.title())
	}
	text.WriteString("\n| sentence |")
	for i := range columns {
		fmt.Fprintf(text, " %d |", i+1)
	}
	text.WriteString("\n| --- |" + strings.Repeat(" --- |", len(columns)) + "\n")
	for _, q := range s.questions {
		fmt.Fprintf(text, "| **%s** %s |", q.sentence.Where, q.sentence.Text)
		for _, column := range columns {
			fmt.Fprintf(text, " %s |", column.mark(q))
		}
		text.WriteString("\n")
	}
}

// isSlow: the adapter waits in each call, so that others come in between. What
// else catches it depends on the machine.
func (w wrongAdapter) isSlow() bool {
	return w.mistake == string(checksThenSets) || w.mistake == string(releasesInTwoSteps)
}

// column is one mistake, in adapters of each shape that can make it.
type column []caught

// columnsOf has those of one port.
func columnsOf(s suite, all []caught) (columns []column) {
	for _, wrong := range all {
		last := len(columns) - 1
		switch {
		case wrong.suite.port != s.port:
		case last >= 0 && columns[last][0].mistake == wrong.mistake:
			columns[last] = append(columns[last], wrong)
		default:
			columns = append(columns, column{wrong})
		}
	}
	return columns
}

func (c column) title() string {
	if len(c) == 1 && c[0].shape == ports.GrantPerMember {
		return c[0].mistake + " (sessions)"
	}
	return c[0].mistake
}

func (c column) mark(q question) (mark string) {
	for _, wrong := range c {
		verdict, _ := wrong.verdictOn(q.sentence)
		switch {
		case wrong.breaks == q.sentence:
			return "●"
		case verdict.IsViolated() && !q.chance && !wrong.isSlow():
			mark = "○"
		}
	}
	return mark
}
