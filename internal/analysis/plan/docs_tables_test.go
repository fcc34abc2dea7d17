// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestPagesOfTheTables holds the pages to the code: each sort of table has a page of its own with all sections, and
// examples that the API knows and the job can compute.
func TestPagesOfTheTables(t *testing.T) {
	eachPage(t, "tables", reflect.TypeFor[v1alpha1.Table](), func(t *testing.T, sort int, examples []string) {
		for _, example := range examples {
			checkTableExample(t, example, sort)
		}
	})
}

// checkTableExample takes a part of the spec of a report, whose tables are all of one sort.
func checkTableExample(t *testing.T, text string, field int) {
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &report))
	require.NotEmpty(t, report.Tables)
	for _, table := range report.Tables {
		require.False(t, reflect.ValueOf(table).Field(field).IsNil(), "the example is of another table")
	}
	list, err := tables(&report)
	require.NoError(t, err)
	computable(t, nil, list)
}
