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

var yamlExample = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestPagesOfTheKPIs holds the pages to the code: each measure has a page of its own with all sections, and an example
// that the API knows and the job can compute.
func TestPagesOfTheKPIs(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "docs", "kpis")
	index, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	measures := reflect.TypeFor[v1alpha1.Measure]()
	for i := range measures.NumField() {
		name, _, _ := strings.Cut(measures.Field(i).Tag.Get("json"), ",")
		t.Run(name, func(t *testing.T) {
			link := regexp.MustCompile(`\[` + name + `\]\(([a-z-]+\.md)\)`).FindSubmatch(index)
			require.NotNil(t, link, "the index has no link to the page")
			page, err := os.ReadFile(filepath.Join(folder, string(link[1])))
			require.NoError(t, err)
			for _, section := range []string{"# " + name + "\n", "**Definition.**", "**Formula.**", "**Source.**", "**Example.**", "**Pitfalls.**"} {
				require.Contains(t, string(page), section)
			}
			example := yamlExample.FindSubmatch(page)
			require.NotNil(t, example)
			checkExample(t, string(example[1]), i)
		})
	}
}

// checkExample takes a list of KPIs, or a part of a spec with one.
func checkExample(t *testing.T, text string, measure int) {
	if strings.HasPrefix(text, "- ") {
		text = "currency: EUR\nkpis:\n" + text
	}
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &report))
	require.Len(t, report.KPIs, 1)
	require.False(t, reflect.ValueOf(report.KPIs[0].Measure).Field(measure).IsNil(), "the example is of another measure")
	list, err := kpis(&report)
	require.NoError(t, err)
	spec := visitMap()
	spec.Stages = []v1alpha1.Stage{stageOf("consideration", "a"), stageOf("cart", "b"), stageOf("purchase", "c")}
	rules, err := policy(&spec)
	require.NoError(t, err)
	_, err = engine.New(engine.Plan{Map: journeyMap(&spec), Policy: rules, Periods: []journey.Period{{}}, KPIs: list})
	require.NoError(t, err)
}

// TestFormsOfEngagement computes every example of the page.
func TestFormsOfEngagement(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "kpis", "engagement.md"))
	require.NoError(t, err)
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict(yamlExample.FindSubmatch(page)[1], &report))
	list, err := kpis(&report)
	require.NoError(t, err)
	require.Len(t, list, 10)
	spec := visitMap()
	rules, err := policy(&spec)
	require.NoError(t, err)
	_, err = engine.New(engine.Plan{Map: journeyMap(&spec), Policy: rules, Periods: []journey.Period{{}}, KPIs: list})
	require.NoError(t, err)
}
