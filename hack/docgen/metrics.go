// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	namespace   = "journeyman_"
	metricsHead = "# Prometheus metrics\n\n" + notice +
		"The operator serves the metrics of the journeys and those of controller-runtime, only for objects that exist. They contain\n" +
		"numbers of all namespaces, so clients have to authenticate: see [install](../install.md#metrics).\n\n" +
		"Ingestion and store pods serve technical series at `/metrics` on port 9090. These contain no names, and clients need no\n" +
		"credentials.\n"
)

// metric is the declaration of a metric in the code.
type metric struct{ name, kind, labels, help string }

// metricsPage returns the page of the metrics that are declared in a folder, by program.
func metricsPage(dir string) (string, error) {
	found, err := findMetrics(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(metricsHead)
	for _, program := range []struct{ title, prefix, more string }{
		{"Operator", namespace, "All have the labels `namespace` and `name` of the object."},
		{"Ingestion pods", namespace + "ingest_", ""},
		{"Store pods", namespace + "store_", ""},
	} {
		fmt.Fprintf(&b, "\n## %s\n", program.title)
		if program.more != "" {
			fmt.Fprintf(&b, "\n%s\n", program.more)
		}
		b.WriteString("\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
		rows := 0
		for _, m := range found {
			if prefixOf(m.name) == program.prefix {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, m.labels, m.help)
				rows++
			}
		}
		if rows == 0 {
			return "", fmt.Errorf("%s: no metrics of the form %s… found: has their declaration changed?", dir, program.prefix)
		}
	}
	return b.String(), nil
}

func prefixOf(name string) string {
	for _, p := range []string{namespace + "ingest_", namespace + "store_"} {
		if strings.HasPrefix(name, p) {
			return p
		}
	}
	return namespace
}

// findMetrics reads the Go files in a folder by package, because each package has one prefix for its metrics.
func findMetrics(dir string) ([]metric, error) {
	packages := map[string][]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], file)
		return err
	})
	if err != nil {
		return nil, err
	}
	var found []metric
	for _, files := range packages {
		prefix := ""
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if p, ok := prefixIn(n); ok {
					prefix = p
				}
				return true
			})
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if m, ok := metricIn(n, prefix); ok {
					found = append(found, m)
				}
				return true
			})
		}
	}
	// The options of a metric with labels are found twice: as an argument of the call that names the labels, and alone.
	slices.SortFunc(found, func(a, b metric) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(b.labels, a.labels))
	})
	return slices.CompactFunc(found, func(a, b metric) bool { return a.name == b.name && (a == b || a.labels == "" || b.labels == "") }), nil
}

// prefixIn recognises "journeyman_ingest_" + name.
func prefixIn(n ast.Node) (string, bool) {
	sum, ok := n.(*ast.BinaryExpr)
	if !ok || sum.Op != token.ADD {
		return "", false
	}
	p, ok := text(sum.X)
	return p, ok && strings.HasPrefix(p, namespace) && strings.HasSuffix(p, "_")
}

var metricName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// metricIn recognises Opts{Name: "journeyman_…", Help: "…"}, the same with []string{"label"} next to it, and calls such as
// counter("name", "Help.", "label").
func metricIn(n ast.Node, prefix string) (metric, bool) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		name, help := fieldText(n, "Name"), fieldText(n, "Help")
		return metric{name: name, help: help, kind: kindOf(name, n.Type), labels: constantLabels(n)}, strings.HasPrefix(name, namespace) && help != ""
	case *ast.CallExpr:
		if len(n.Args) < 2 {
			return metric{}, false
		}
		if m, ok := metricIn(n.Args[0], prefix); ok {
			m.labels = labelsIn(n.Args[1:])
			return m, m.labels != ""
		}
		name, _ := text(n.Args[0])
		help, _ := text(n.Args[1])
		if !metricName.MatchString(name) || !strings.Contains(help, " ") || !strings.HasSuffix(help, ".") {
			return metric{}, false
		}
		if !strings.HasPrefix(name, namespace) {
			name = prefix + name
		}
		return metric{name: name, help: help, kind: kindOf(name, n.Fun), labels: labelsIn(n.Args[2:])}, strings.HasPrefix(name, namespace)
	}
	return metric{}, false
}

// kindOf returns the type of a metric, from its name and from the constructor: histogram(…) or HistogramOpts.
func kindOf(name string, by ast.Expr) string {
	maker := ""
	switch by := by.(type) {
	case *ast.Ident:
		maker = by.Name
	case *ast.SelectorExpr:
		maker = by.Sel.Name
	}
	switch {
	case strings.HasPrefix(strings.ToLower(maker), "histogram"):
		return "histogram"
	case strings.HasSuffix(name, "_total"):
		return "counter"
	default:
		return "gauge"
	}
}

// labelsIn returns the string arguments, and those in literals such as []string{"label"}.
func labelsIn(args []ast.Expr) string {
	var labels []string
	for _, a := range args {
		if list, ok := a.(*ast.CompositeLit); ok {
			return labelsIn(list.Elts)
		}
		if l, ok := text(a); ok {
			labels = append(labels, "`"+l+"`")
		}
	}
	return strings.Join(labels, ", ")
}

// constantLabels returns the keys of the field ConstLabels.
func constantLabels(options *ast.CompositeLit) string {
	var keys []ast.Expr
	for _, e := range options.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "ConstLabels" {
			if list, ok := kv.Value.(*ast.CompositeLit); ok {
				for _, pair := range list.Elts {
					if kv, ok := pair.(*ast.KeyValueExpr); ok {
						keys = append(keys, kv.Key)
					}
				}
			}
		}
	}
	return labelsIn(keys)
}

// fieldText returns the string in a field of a literal, or an empty string.
func fieldText(lit *ast.CompositeLit, field string) string {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == field {
			s, _ := text(kv.Value)
			return s
		}
	}
	return ""
}

// text returns the value of a string literal, or of several that are concatenated.
func text(e ast.Expr) (string, bool) {
	if sum, ok := e.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		left, ok := text(sum.X)
		if !ok {
			return "", false
		}
		right, ok := text(sum.Y)
		return left + right, ok
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
