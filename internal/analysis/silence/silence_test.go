// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package silence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/analysis/silence"
)

const day = 24 * time.Hour

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// source returns a source with data between two ages in days, which was last received at a given age.
func source(channel string, oldest, newest float64, heard time.Duration) silence.Source {
	ago := func(days float64) time.Time { return noon.Add(-time.Duration(days * float64(day))) }
	return silence.Source{Channel: channel, Oldest: ago(oldest), Newest: ago(newest), Received: noon.Add(-heard)}
}

func TestJudge(t *testing.T) {
	never := silence.Source{Channel: "store"}
	for name, tt := range map[string]struct {
		sources       []silence.Source
		lookback      time.Duration
		touchpoint    silence.Touchpoint
		silent, quiet bool
	}{
		"no data at all":                            {nil, 30 * day, silence.Touchpoint{}, false, true},
		"data of half a minute":                     {[]silence.Source{source("web", 0.0003, 0, 0)}, 30 * day, silence.Touchpoint{}, false, true},
		"data of 29 days":                           {[]silence.Source{source("web", 29, 0, 0)}, 30 * day, silence.Touchpoint{}, false, true},
		"data of 31 days":                           {[]silence.Source{source("web", 31, 0, 0)}, 30 * day, silence.Touchpoint{}, true, false},
		"a short lookback needs less":               {[]silence.Source{source("web", 8, 0, 0)}, 7 * day, silence.Touchpoint{}, true, false},
		"a long one no more than 30 days":           {[]silence.Source{source("web", 31, 0, 0)}, 400 * day, silence.Touchpoint{}, true, false},
		"it had events":                             {[]silence.Source{source("web", 31, 0, 0)}, 30 * day, silence.Touchpoint{Events: 1}, false, false},
		"it had one since the time of analysis":     {[]silence.Source{source("web", 31, 0, 0)}, 30 * day, silence.Touchpoint{Ahead: true}, false, false},
		"the source of its channel began yesterday": {[]silence.Source{source("web", 80, 0, 0), source("store", 1, 0, 0)}, 30 * day, silence.Touchpoint{Channel: "store"}, false, true},
		"the source of its channel has no event":    {[]silence.Source{source("web", 80, 0, 0), never}, 30 * day, silence.Touchpoint{Channel: "store"}, false, true},
		"no source has its channel":                 {[]silence.Source{source("web", 80, 0, 0)}, 30 * day, silence.Touchpoint{Channel: "store"}, true, false},
		"a backfill is in progress":                 {[]silence.Source{source("web", 80, 50, time.Second)}, 30 * day, silence.Touchpoint{}, false, true},
		"a source that stopped long ago":            {[]silence.Source{source("web", 300, 90, 90*day)}, 30 * day, silence.Touchpoint{}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			tt.touchpoint.Name = "visit/ad"
			q := silence.Question{From: noon.Add(-tt.lookback - 7*day), AsOf: noon, Lookback: tt.lookback, Sources: tt.sources}
			a := q.Evaluate([]silence.Touchpoint{tt.touchpoint})
			require.Equal(t, tt.silent, len(a.Silent) == 1, "silent")
			require.Equal(t, tt.quiet, len(a.Quiet) == 1, "quiet")
		})
	}
}

func TestSince(t *testing.T) {
	q := silence.Question{From: noon.Add(-37 * day), AsOf: noon, Lookback: 30 * day}
	require.True(t, q.Evaluate(nil).Since.IsZero())
	q.Sources = []silence.Source{{}, source("web", 3, 0, 0), source("web", 5, 0, 0)}
	require.Equal(t, noon.Add(-5*day), q.Evaluate(nil).Since)
	q.Sources = append(q.Sources, source("web", 300, 0, 0))
	require.Equal(t, q.From, q.Evaluate(nil).Since, "what was not looked at does not count")
}
