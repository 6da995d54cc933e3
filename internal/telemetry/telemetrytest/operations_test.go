package telemetrytest_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// operations is the folder of what operators use.
const operations = "../../../docs/operations/"

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(operations + name)
	require.NoError(t, err)
	return text
}

// TestOperatorsAreShownWhatIsEmitted runs one fleet in turmoil and reads the
// list of metrics, the dashboard, the rules and the runbook beside it.
func TestOperatorsAreShownWhatIsEmitted(t *testing.T) {
	shown, instruments := emitted(t)
	t.Run("the list of metrics", func(t *testing.T) { theListIsComplete(t, instruments) })
	t.Run("the dashboard", func(t *testing.T) { theDashboardShows(t, shown) })
	t.Run("the alert rules", func(t *testing.T) { theRulesLookAt(t, shown) })
	t.Run("the runbook", theRunbookHasAnEntryForEachAlert)
}

// theListIsComplete compares the rows of metrics.md with the instruments.
func theListIsComplete(t *testing.T, instruments map[string]map[string]bool) {
	rows := regexp.MustCompile("(?m)^\\| `(streamlease\\.[a-z_.]+)` \\| [^|]* \\|([^|]*)\\|").FindAllStringSubmatch(string(read(t, "metrics.md")), -1)
	attribute := regexp.MustCompile("`([^`]+)`")
	documented := map[string][]string{}
	for _, row := range rows {
		attributes := []string{"streamlease.member"}
		for _, match := range attribute.FindAllStringSubmatch(row[2], -1) {
			attributes = append(attributes, match[1])
		}
		slices.Sort(attributes)
		documented[row[1]] = attributes
	}
	measured := map[string][]string{}
	for name, attributes := range instruments {
		measured[name] = slices.Sorted(maps.Keys(attributes))
	}
	assert.Equal(t, measured, documented)
}

func theDashboardShows(t *testing.T, shown series) {
	var dashboard struct {
		Panels []struct {
			Type, Title, Description string
			Targets                  []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(read(t, "dashboard.json"), &dashboard))
	looked := 0
	used := map[string]bool{}
	for _, panel := range dashboard.Panels {
		if panel.Type == "row" {
			continue
		}
		require.NotEmpty(t, panel.Description, panel.Title)
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			looked++
			maps.Copy(used, shown.check(t, panel.Title, target.Expr))
		}
	}
	require.Greater(t, looked, 20)
	for name := range shown {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		assert.True(t, used[name] || used[base+"_bucket"] || used[base+"_count"], "no panel shows %s", name)
	}
}

type rule struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	require.NoError(t, yaml.Unmarshal(read(t, "alerts.yaml"), &file))
	require.Len(t, file.Groups, 1)
	require.NotEmpty(t, file.Groups[0].Rules)
	return file.Groups[0].Rules
}

func theRulesLookAt(t *testing.T, shown series) {
	for _, rule := range rules(t) {
		shown.check(t, rule.Alert, rule.Expr)
		require.Contains(t, []string{"warning", "critical"}, rule.Labels["severity"], rule.Alert)
		require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
	}
}

func theRunbookHasAnEntryForEachAlert(t *testing.T) {
	var alerts, entries []string
	for _, rule := range rules(t) {
		alerts = append(alerts, rule.Alert)
		require.Equal(t, "docs/operations/runbook.md#"+strings.ToLower(rule.Alert), rule.Annotations["runbook"])
	}
	for _, heading := range regexp.MustCompile(`(?m)^## (Streamlease\w+)$`).FindAllStringSubmatch(string(read(t, "runbook.md")), -1) {
		entries = append(entries, heading[1])
	}
	require.ElementsMatch(t, alerts, entries)
}

// check parses an expression and looks for each metric, label and value that it
// names among what is shown. It answers the names of the metrics.
func (s series) check(t *testing.T, where, text string) (used map[string]bool) {
	t.Helper()
	used = map[string]bool{}
	text = strings.NewReplacer("$__rate_interval", "5m", "$job", ".*").Replace(text)
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	require.NoError(t, err, "%s: %s", where, text)
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			used[selector.Name] = true
			s.checkSelector(t, where, selector)
		}
		return nil
	})
	require.NotEmpty(t, used, "%s looks at no metric", where)
	for _, grouping := range groupings(expression) {
		for name := range used {
			assert.Contains(t, s[name], grouping, "%s: %s has no such label", where, name)
		}
	}
	return used
}

// nameLabel is how PromQL has the name of a metric.
const nameLabel = "__name__"

func (s series) checkSelector(t *testing.T, where string, selector *parser.VectorSelector) {
	known, found := s[selector.Name]
	assert.True(t, found, "%s: nobody emits %s", where, selector.Name)
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name == nameLabel || matcher.Name == "job" { // job is Prometheus' own
			continue
		}
		values, found := known[matcher.Name]
		assert.True(t, found, "%s: %s has no label %s", where, selector.Name, matcher.Name)
		assert.True(t, values[matcher.Value], "%s: %s never has %s", where, selector.Name, matcher)
	}
}

// groupings are the labels by which an expression groups or joins.
func groupings(expression parser.Expr) (found []string) {
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.AggregateExpr:
			found = append(found, node.Grouping...)
		case *parser.BinaryExpr:
			if node.VectorMatching != nil {
				found = append(found, node.VectorMatching.MatchingLabels...)
			}
		}
		return nil
	})
	return slices.DeleteFunc(found, func(label string) bool { return label == "le" })
}
