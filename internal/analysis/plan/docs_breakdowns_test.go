// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
)

// The example on the page is valid, and the job can compute it.
func TestBreakdownsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "breakdowns.md"))
	require.NoError(t, err)
	for _, section := range []string{"**Definition.**", "**Formula.**", "**Source.**", "**Example.**", "**Pitfalls.**"} {
		require.Contains(t, string(page), section)
	}
	example := yamlExample.FindSubmatch(page)
	require.NotNil(t, example)
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict(example[1], &report))
	require.Len(t, report.BreakdownBy, journey.MaxBreakdowns)
	spec := visitMap()
	spec.Stages = []v1alpha1.Stage{stageOf("consideration", "a"), stageOf("purchase", "b")}
	rules, err := policy(&spec)
	require.NoError(t, err)
	_, err = engine.New(engine.Plan{
		Map: journeyMap(&spec), Policy: rules, Periods: []journey.Period{{}}, Breakdowns: breakdowns(&report),
	})
	require.NoError(t, err)
}
