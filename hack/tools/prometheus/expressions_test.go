// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package prometheus_test parses every expression of the project with the parser of the pinned Prometheus, and compares it with the generated
// reference of metrics: names, labels, and the functions that a metric of its type allows.
package prometheus_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../../.."

// metric is a metric of the reference.
type metric struct {
	kind   string
	labels []string
}

// ofTarget are labels that Prometheus and the PodMonitors add to every series of a target.
var ofTarget = []string{"component", "instance", "job", "namespace", "pod", "name"}

// foreign are metrics of libraries and of Prometheus itself. Those of the operator are from a scrape of it.
var foreign = map[string]metric{
	"up": {kind: "gauge"}, "ALERTS": {"gauge", []string{"alertname", "alertstate", "severity", "kind"}},
	"controller_runtime_reconcile_total": {"counter", []string{"controller", "result"}}, "controller_runtime_reconcile_errors_total": {"counter", []string{"controller"}},
	"controller_runtime_reconcile_time_seconds": {"histogram", []string{"controller"}}, "workqueue_depth": {"gauge", []string{"controller"}},
	"leader_election_master_status": {kind: "gauge"}, "process_resident_memory_bytes": {kind: "gauge"}, "process_cpu_seconds_total": {kind: "counter"},
	"journeyman:condition": {"gauge", []string{"kind", "type", "reason"}},
}

var row = regexp.MustCompile("(?m)^\\| `(journeyman_[a-z_]+)` \\| (gauge|counter|histogram) \\| ([^|]*) \\|")

// known returns the metrics of the reference, and foreign ones.
func known(t *testing.T) map[string]metric {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs/reference/metrics.md"))
	require.NoError(t, err)
	all := map[string]metric{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		list := regexp.MustCompile("[`, ]+").Split(strings.Trim(m[3], "` "), -1)
		all[m[1]] = metric{m[2], list}
	}
	require.Greater(t, len(all), 60, "the reference has another form now")
	for name, m := range foreign {
		all[name] = m
	}
	return all
}

// variables of Grafana and of the recipes, with example values.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$namespace", ".*", "$map", ".*", "$source", ".*", "$store", ".*",
	"{{args.namespace}}", "shop", "{{args.map}}", "retail", "{{args.stage}}", "cart", "{{ namespace }}", "shop", "{{ target }}", "shop")

// check parses an expression, and checks the metrics and labels in it.
func check(t *testing.T, all map[string]metric, expression string) {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(variables.Replace(expression))
	require.NoError(t, err, expression)
	var may []string
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		m, kind, part := lookUp(all, v.Name)
		require.NotEmpty(t, m.kind, "%s: nobody writes %s", expression, v.Name)
		own := append(append([]string{model.MetricNameLabel}, m.labels...), ofTarget...)
		if part == "bucket" {
			own = append(own, "le")
		}
		for _, matcher := range v.LabelMatchers {
			require.Contains(t, own, matcher.Name, "%s: %s has no such label", expression, v.Name)
		}
		may = append(may, own...)
		if call := rated(path); call != "" {
			require.NotEqual(t, "gauge", kind, "%s: %s of a gauge", expression, call)
		} else if kind == "counter" {
			t.Errorf("%s: the counter %s without a rate tells how old the pod is", expression, v.Name)
		}
		return nil
	})
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if a, ok := n.(*parser.AggregateExpr); ok {
			for _, l := range a.Grouping {
				require.Contains(t, may, l, "%s: no series has the label %s", expression, l)
			}
		}
		return nil
	})
}

// lookUp returns the metric of a series. The series of a histogram have suffixes.
func lookUp(all map[string]metric, series string) (m metric, kind, part string) {
	if m, ok := all[series]; ok && m.kind != "histogram" {
		return m, m.kind, ""
	}
	for _, part := range []string{"bucket", "count", "sum"} {
		if m, ok := all[strings.TrimSuffix(series, "_"+part)]; ok && m.kind == "histogram" && strings.HasSuffix(series, "_"+part) {
			return m, "counter", part
		}
	}
	return metric{}, "", ""
}

// rated returns the function around a range of a series, such as rate.
func rated(path []parser.Node) string {
	for _, n := range slices.Backward(path) {
		if c, ok := n.(*parser.Call); ok && slices.Contains([]string{"rate", "irate", "increase"}, c.Func.Name) {
			return c.Func.Name
		}
	}
	return ""
}

func TestRules(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct{ Expr string }
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "config/prometheus/rules/journeyman.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	all, n := known(t), 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			check(t, all, r.Expr)
			n++
		}
	}
	require.Greater(t, n, 20)
}

type panel struct {
	ID          int
	Type, Title string
	Description string
	Datasource  struct{ Type, UID string }
	Targets     []struct {
		Expr, LegendFormat, RefID string
		Datasource                struct{ Type, UID string }
	}
	FieldConfig struct {
		Defaults struct{ Unit string }
	}
	GridPos struct{ H, W, X, Y int }
}

type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Templating    struct {
		List []struct {
			Name, Type string
			Query      any
			Definition string
		}
	}
	Panels []panel
}

var (
	legendLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	units       = []string{"bytes", "cps", "ops", "percentunit", "reqps", "s", "short"}
)

func TestDashboards(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "config/grafana/*.json"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	all, uids := known(t), map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var d dashboard
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &d))
			require.NotEmpty(t, d.Title)
			require.False(t, uids[d.UID] || d.UID == "", "uids are unique")
			uids[d.UID] = true
			require.GreaterOrEqual(t, d.SchemaVersion, 36)
			require.Equal(t, "datasource", d.Templating.List[0].Type, "the data source is a variable")
			for _, v := range d.Templating.List[1:] {
				m := labelValues.FindStringSubmatch(v.Definition)
				require.NotNil(t, m, v.Definition)
				check(t, all, m[1])
			}
			ids := map[int]bool{}
			for _, p := range d.Panels {
				require.False(t, ids[p.ID], "ids of panels are unique")
				ids[p.ID] = true
				if p.Type != "row" {
					checkPanel(t, all, p)
				}
			}
			noOverlap(t, d.Panels)
		})
	}
}

func checkPanel(t *testing.T, all map[string]metric, p panel) {
	t.Helper()
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Description, p.Title)
	require.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
	require.Contains(t, units, p.FieldConfig.Defaults.Unit, p.Title)
	require.NotEmpty(t, p.Targets, p.Title)
	for _, target := range p.Targets {
		check(t, all, target.Expr)
		require.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
		if p.Type != "table" {
			require.NotEmpty(t, target.LegendFormat, p.Title)
		}
		for _, l := range legendLabel.FindAllStringSubmatch(target.LegendFormat, -1) {
			require.Regexp(t, `by \([^)]*\b`+l[1]+`\b`, orWhole(target.Expr, l[1]), "%s: the legend names a label that the result does not have", p.Title)
		}
	}
	seconds := strings.Contains(p.Targets[0].Expr, "_seconds") && !strings.Contains(p.Targets[0].Expr, "_count")
	if seconds && !strings.Contains(p.Targets[0].Expr, "process_cpu") {
		require.Equal(t, "s", p.FieldConfig.Defaults.Unit, p.Title)
	}
}

// orWhole wraps an expression without an aggregation, so that it keeps the labels of its target.
func orWhole(expr, label string) string {
	if !strings.Contains(expr, " by (") && slices.Contains(ofTarget, label) {
		return "by (" + label + ")"
	}
	return expr
}

// noOverlap requires that panels do not overlap, and fit into the 24 columns.
func noOverlap(t *testing.T, panels []panel) {
	t.Helper()
	for i, a := range panels {
		require.LessOrEqual(t, a.GridPos.X+a.GridPos.W, 24, a.Title)
		for _, b := range panels[:i] {
			apart := a.GridPos.X >= b.GridPos.X+b.GridPos.W || b.GridPos.X >= a.GridPos.X+a.GridPos.W ||
				a.GridPos.Y >= b.GridPos.Y+b.GridPos.H || b.GridPos.Y >= a.GridPos.Y+a.GridPos.H
			require.True(t, apart, "%q lies over %q", a.Title, b.Title)
		}
	}
}
