// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

// TestAccepted validates manifests without events.
func TestAccepted(t *testing.T) {
	set := previewtest.Load(t, manifests)
	objects, err := Accepted(t.Context(), set, time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Len(t, objects, 2)
	require.Equal(t, []string{"JourneyMap", "shop", "MetricReport", "kpis"},
		[]string{objects[0].Kind, objects[0].Metadata.Name, objects[1].Kind, objects[1].Metadata.Name})
	require.Nil(t, objects[0].Status)
	set = previewtest.Load(t, strings.Replace(manifests, "JourneyMap\nmetadata: {name: shop}", "JourneyMap\nmetadata: {name: shop2}", 1))
	_, err = Accepted(t.Context(), set, time.Now())
	require.ErrorContains(t, err, `the manifests have no JourneyMap "shop"`)
}

// A preview shows all rows of a table, even if a status would be too small.
func TestTableRows(t *testing.T) {
	text := strings.Replace(manifests, "  kpis:\n", "  tables:\n  - {name: days, trend: {period: Day, from: look, to: buy}}\n  kpis:\n", 1)
	text = strings.ReplaceAll(text, "lookback: 30d", "lookback: 200d")
	events := "event,time,customerId,price\n"
	for day := range 150 {
		at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		events += fmt.Sprintf("Looked,%s,c%d,4\n", at.Format(time.RFC3339), day)
	}
	path := write(t, "events.csv", events)
	for rows, most := range map[int]int{0: 100, 120: 120, 5000: 5000} {
		set := previewtest.Load(t, text)
		p, err := Open(t.Context(), Options{Manifests: set, Events: fill.Files(path), Rows: rows, Log: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		objects, err := p.Objects(t.Context())
		require.NoError(t, err)
		table := objects[1].Status.(*v1alpha1.MetricReportStatus).Tables[0]
		require.Greater(t, int64(len(table.Rows))+table.LeftOut, int64(140))
		require.Equal(t, most < 140, len(table.Rows) == most, "%d rows", len(table.Rows))
		require.Equal(t, "2026-05-30T00:00:00Z", table.Rows[len(table.Rows)-1].Values[0], "the newest ones are there")
		require.NoError(t, p.Close())
	}
}

// Notes about probable mistakes in the manifests are shown with events, too.
func TestNotesIncludeAdvice(t *testing.T) {
	p, err := open(t, strings.Replace(manifests, "event: Order Completed", `event: "Order Completed "`, 1), write(t, "events.csv", "event,time,customerId\nLooked,2026-05-01,a\n"))
	require.NoError(t, err)
	require.Contains(t, p.Filled.Notes,
		`JourneyMap shop: it matches "Order Completed ", but names of events have no spaces around them. Use "Order Completed"`)
}
