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

// Each kind of table has a page with all sections, and with examples that are valid and that the job can compute.
func TestTablePages(t *testing.T) {
	eachPage(t, "tables", reflect.TypeFor[v1alpha1.Table](), func(t *testing.T, sort int, examples []string) {
		for _, example := range examples {
			checkTableExample(t, example, sort)
		}
	})
}

// checkTableExample checks a part of a report's spec, whose tables are all of one kind.
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
