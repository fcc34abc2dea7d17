// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
)

// Events in the future do not move the time of analysis. They are left out, counted and named, unless the requested time is later.
func TestFutureEventsDoNotMoveTheTimeOfAnalysis(t *testing.T) {
	const text = `
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: m}
spec:
  storeRef: {name: default}
  stages:
  - {name: see, touchpoints: [{name: t, match: [{event: Seen}]}]}
  - {name: buy, touchpoints: [{name: t, match: [{event: Bought}]}]}
  progression: {order: Ordered, window: 1h}
  analysis: {lookback: 9000d}
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: shop}
spec:
  storeRef: {name: default}
  channel: web
  expectEvery: 1d
  transport: {cloudEvents: {secretRef: {name: token}}}
`
	rows := []string{
		`{"event": "Seen", "time": "2026-02-01T10:00:00Z", "customerId": "a"}`, `{"event": "Seen", "time": "2026-02-02T10:00:00Z", "customerId": "b"}`,
		`{"event": "Seen", "time": "2026-02-03T10:00:00Z", "customerId": "c"}`, `{"event": "Seen", "time": "2044-01-01T00:00:00Z", "customerId": "d"}`,
		`{"event": "Seen", "time": "2044-01-02T00:00:00Z", "customerId": "e"}`,
	}
	day := func(year, month, day int) time.Time {
		return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	}
	for name, c := range map[string]struct {
		rows             []string
		now, asked       time.Time
		asOf             time.Time
		ahead, customers int64
	}{
		"a slip of the year":        {rows, day(2026, 3, 1), time.Time{}, day(2026, 2, 3).Add(10 * time.Hour), 2, 2},
		"of files of the future":    {rows, day(2044, 2, 1), time.Time{}, day(2044, 1, 2), 0, 4},
		"a time that was asked for": {rows, day(2026, 3, 1), day(2044, 1, 2), day(2044, 1, 2), 0, 4},
		"a time before some":        {rows, day(2026, 3, 1), day(2026, 2, 3), day(2026, 2, 3), 2, 2},
		"fractions of a second": {
			[]string{
				`{"event": "Seen", "time": "2026-02-01T10:00:00.75Z", "customerId": "a"}`, `{"event": "Seen", "time": "2026-02-01T11:00:00.75Z", "customerId": "b", "source": "shop"}`,
			}, day(2026, 3, 1), time.Time{}, day(2026, 2, 1).Add(11*time.Hour + time.Second), 0, 1,
		},
		"all are ahead":          {rows[3:], day(2026, 3, 1), time.Time{}, day(2026, 3, 1), 2, 0},
		"within a clock's error": {rows[:1], day(2026, 2, 1).Add(9*time.Hour + 56*time.Minute), time.Time{}, day(2026, 2, 1).Add(10 * time.Hour), 0, 0},
	} {
		set, err := manifest.Load(context.Background(), []string{"-"}, strings.NewReader(text))
		require.NoError(t, err)
		p, err := Open(context.Background(), Options{
			Manifests: set, Events: fill.Files(write(t, "events.ndjson", strings.Join(c.rows, "\n"))), AsOf: c.asked, Now: c.now, Log: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err, name)
		require.Equal(t, c.asOf, p.AsOf(), name)
		require.Equal(t, c.ahead, p.Filled.Ahead, name)
		require.Equal(t, c.ahead > 0, strings.Contains(strings.Join(p.Filled.Lines(), "\n"), "ahead: "), name)
		if c.ahead > 0 {
			require.Contains(t, p.Filled.FirstAhead, "2044-01-01T00:00:00Z", name)
			require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "ahead: 2 of the events are in the future and count in no number, the first one at ", name)
		}
		objects, err := p.Objects(context.Background())
		require.NoError(t, err, name)
		status := objects[0].Status.(*v1alpha1.JourneyMapStatus)
		require.Equal(t, c.customers, status.Summary.Customers, name)
		if c.ahead > 0 && len(c.rows) > 2 {
			require.Less(t, status.Freshness.Sources[0].NewestEventTime.Year(), 2044, "%s: nor is it how far the source has come", name)
		}
		require.NoError(t, p.Close())
	}
}
