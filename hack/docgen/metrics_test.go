// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"k8s.io/utils/clock"

	"github.com/journeyman-dev/journeyman/internal/controller/metrics"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// The page has every metric that the programs register.
func TestMetricsPageIsComplete(t *testing.T) {
	page, err := metricsPage(filepath.Join(root, "internal"))
	require.NoError(t, err)
	seen := &registered{}
	seen.MustRegister(metrics.New(nil, clock.RealClock{}))
	ingest.NewStats(seen, clock.RealClock{}.Now)
	require.Greater(t, len(seen.names), 10)
	for _, name := range seen.names {
		require.Contains(t, page, "`"+name+"`")
	}
}

// registered is a registry that records names.
type registered struct{ names []string }

var descName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (r *registered) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() {
		defer close(ch)
		c.Describe(ch)
	}()
	for d := range ch {
		r.names = append(r.names, descName.FindStringSubmatch(d.String())[1])
	}
	return nil
}

func (r *registered) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			panic(err)
		}
	}
}

func (r *registered) Unregister(prometheus.Collector) bool { return false }

func TestMetricsPageRefuses(t *testing.T) {
	_, err := metricsPage(t.TempDir())
	require.ErrorContains(t, err, "no metrics")
}

// The page of TouchpointSource explains every reason for rejections.
func TestReasonsForRefusingAreExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/kinds/touchpointsource.md"))
	require.NoError(t, err)
	for _, r := range reject.All() {
		require.Contains(t, string(page), "`"+r+"`")
	}
}

// The page shows type and labels of a metric, however it is declared.
func TestMetricsPageTellsTypesAndLabels(t *testing.T) {
	page, err := metricsPage(filepath.Join(root, "internal"))
	require.NoError(t, err)
	for _, row := range []string{
		"| `journeyman_condition` | gauge | `kind`, `type`, `reason` |", "| `journeyman_ingest_requests_total` | counter | `code` |",
		"| `journeyman_store_call_duration_seconds` | histogram | `call`, `code` |", "| `journeyman_ingest_append_events` | histogram |  |",
		"| `journeyman_ingest_connections` | gauge | `state` |", "| `journeyman_store_up` | gauge |  |",
		"| `journeyman_store_append_events_total` | counter | `outcome` |",
	} {
		require.Equal(t, 1, strings.Count(page, row), row)
		name, _, _ := strings.Cut(row, " | ")
		require.Equal(t, 1, strings.Count(page, name+" |"), "%s has one row", name)
	}
}
