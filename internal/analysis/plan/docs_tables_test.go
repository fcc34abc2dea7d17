// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
)

// TestPagesOfTheTables holds the pages to the code: each sort of table has a page of its own with all sections, and an
// example that the API knows and the job can compute.
func TestPagesOfTheTables(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "docs", "tables")
	index, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	sorts := reflect.TypeFor[v1alpha1.Table]()
	for i := range sorts.NumField() {
		name, _, _ := strings.Cut(sorts.Field(i).Tag.Get("json"), ",")
		if sorts.Field(i).Type.Kind() != reflect.Pointer {
			continue
		}
		t.Run(name, func(t *testing.T) {
			link := regexp.MustCompile(`\[` + name + `\]\(([a-z-]+\.md)\)`).FindSubmatch(index)
			require.NotNil(t, link, "the index has no link to the page")
			page, err := os.ReadFile(filepath.Join(folder, string(link[1])))
			require.NoError(t, err)
			for _, section := range []string{"# " + name + "\n", "**Definition.**", "**Formula.**", "**Source.**", "**Example.**", "**Pitfalls.**"} {
				require.Contains(t, string(page), section)
			}
			examples := yamlExample.FindAllSubmatch(page, -1)
			require.NotEmpty(t, examples)
			for _, example := range examples {
				checkTableExample(t, string(example[1]), i)
			}
		})
	}
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
	spec := visitMap()
	spec.Stages = []v1alpha1.Stage{stageOf("consideration", "a"), stageOf("cart", "b"), stageOf("purchase", "c")}
	rules, err := policy(&spec)
	require.NoError(t, err)
	_, err = engine.New(engine.Plan{Map: journeyMap(&spec), Policy: rules, Periods: []journey.Period{{}}, Tables: list})
	require.NoError(t, err)
}
