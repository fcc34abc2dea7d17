// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// The operator uses every condition and reason that the page describes.
func TestEveryConstantIsUsed(t *testing.T) {
	used := selectors(t, filepath.Join(root, "internal"))
	for _, file := range []string{"conditions.go", "reasons.go"} {
		groups, err := readGroups(filepath.Join(root, "api", "v1alpha1", file))
		require.NoError(t, err)
		for _, g := range groups {
			for _, c := range g.constants {
				require.True(t, used[c.name], "%s is described, but nothing gives it", c.name)
			}
		}
	}
}

// selectors returns the names of the package v1alpha1 that the Go files in a folder use, without tests.
func selectors(t *testing.T, dir string) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "v1alpha1" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	return used
}

// The page marks the conditions for which the operator sends Warnings.
func TestMarkedConditionsAreWarnings(t *testing.T) {
	groups, err := readGroups(filepath.Join(root, "api", "v1alpha1", "conditions.go"))
	require.NoError(t, err)
	doc := map[string]string{}
	for _, g := range groups {
		for _, c := range g.constants {
			doc[c.value] = c.doc
		}
	}
	for _, table := range []status.Table{status.EventStore, status.TouchpointSource, status.JourneyMap, status.MetricReport} {
		for _, r := range table {
			if r.Type == v1alpha1.ConditionReconciling || r.Type == v1alpha1.ConditionStalled {
				continue // the text of their group says it
			}
			require.Equal(t, r.AbnormalTrue, strings.Contains(doc[r.Type], "(abnormal-true)"), r.Type)
			require.Equal(t, r.Finding, strings.Contains(doc[r.Type], "(finding)"), r.Type)
		}
	}
}
