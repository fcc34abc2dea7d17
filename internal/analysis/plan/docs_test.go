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
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

var yamlExample = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// Each measure has a page with all sections, and with an example that is valid and that the job can compute.
func TestKPIPages(t *testing.T) {
	eachPage(t, "kpis", reflect.TypeFor[v1alpha1.Measure](), func(t *testing.T, measure int, examples []string) {
		checkExample(t, examples[0], measure)
	})
}

// eachPage checks the page of every member of a union, and calls examples with those of the page.
func eachPage(t *testing.T, folder string, union reflect.Type, examples func(t *testing.T, field int, yaml []string)) {
	t.Helper()
	folder = filepath.Join("..", "..", "..", "docs", folder)
	index, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	for i := range union.NumField() {
		name, _, _ := strings.Cut(union.Field(i).Tag.Get("json"), ",")
		if union.Field(i).Type.Kind() != reflect.Pointer {
			continue // not a member of the union
		}
		t.Run(name, func(t *testing.T) {
			link := regexp.MustCompile(`\[` + name + `\]\(([a-z-]+\.md)\)`).FindSubmatch(index)
			require.NotNil(t, link, "the index has no link to the page")
			page, err := os.ReadFile(filepath.Join(folder, string(link[1])))
			require.NoError(t, err)
			for _, section := range []string{"# " + name + "\n", "**Definition.**", "**Formula.**", "**Source.**", "**Example.**", "**Pitfalls.**"} {
				require.Contains(t, string(page), section)
			}
			var found []string
			for _, example := range yamlExample.FindAllSubmatch(page, -1) {
				found = append(found, string(example[1]))
			}
			require.NotEmpty(t, found)
			examples(t, i, found)
		})
	}
}

// computable requires that the engine accepts KPIs and tables, for a map of three stages.
func computable(t *testing.T, kpis, tables []metric.Named) {
	t.Helper()
	spec := visitMap()
	spec.Stages = []v1alpha1.Stage{stageOf("consideration", "a"), stageOf("cart", "b"), stageOf("purchase", "c")}
	rules, err := policy(&spec)
	require.NoError(t, err)
	_, err = engine.New(engine.Plan{Map: journeyMap(&spec), Policy: rules, Periods: []journey.Period{{}}, KPIs: kpis, Tables: tables})
	require.NoError(t, err)
}

// checkExample checks a list of KPIs, or a part of a spec with one.
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
	computable(t, list, nil)
}

// The job can compute every example of the page.
func TestEngagementPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "kpis", "engagement.md"))
	require.NoError(t, err)
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict(yamlExample.FindSubmatch(page)[1], &report))
	list, err := kpis(&report)
	require.NoError(t, err)
	require.Len(t, list, 10)
	computable(t, list, nil)
}
