// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command docgen generates the pages of docs/reference from the code: conditions and reasons from the comments of their constants, fields of the
// kinds from the CRDs, Prometheus metrics from their declarations, functions of mapping rules from their CEL environment, the catalogue of
// presets, and values of the Helm chart from its comments and schema. It also generates the Prometheus rule file from the PrometheusRules. Run it in the
// root of the repository.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

const notice = "<!-- Written by hack/docgen; change the source and run make generate. -->\n\n"

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// write writes every page.
func write(root string) error {
	pages, err := render(root)
	if err != nil {
		return err
	}
	for name, text := range pages {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// render returns the text of every page by its path, relative to the root.
func render(root string) (map[string]string, error) {
	conditions, err := conditionsPage(filepath.Join(root, "api", "v1alpha1"))
	if err != nil {
		return nil, err
	}
	fields, err := fieldsPage(filepath.Join(root, "config", "crd", "bases"))
	if err != nil {
		return nil, err
	}
	metrics, err := metricsPage(filepath.Join(root, "internal"))
	if err != nil {
		return nil, err
	}
	chart, err := chartPage(filepath.Join(root, "charts", "journeyman"))
	if err != nil {
		return nil, err
	}
	rules, err := rulesFile(filepath.Join(root, "config", "prometheus"))
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"config/prometheus/rules/journeyman.yaml": rules,

		"docs/reference/chart.md":      chart,
		"docs/reference/functions.md":  functionsPage(),
		"docs/reference/conditions.md": conditions,
		"docs/reference/fields.md":     fields,
		"docs/reference/metrics.md":    metrics,
		"docs/reference/presets.md":    presetsPage(),
	}, nil
}
