// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNote(t *testing.T) {
	const day = 24 * time.Hour
	first := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	f := Facts{Window: 14 * day, From: first, To: first.Add(day), AsOf: first.Add(10 * day), HistoryRead: true}
	require.Contains(t, Note(&f), "No event of a first stage was received")
	f.HistoryRead = false
	require.Contains(t, Note(&f), "between 2026-05-01T00:00:00Z and 2026-05-11T00:00:00Z. Earlier events were not analysed")
	f.After = 3
	require.Contains(t, Note(&f), "3 customers entered after")
	f.Before, f.NewestBefore = 433, first.Add(-40*day)
	require.Contains(t, Note(&f), "433 customers entered before, the last of them at 2026-03-22T00:00:00Z")
	f.Young, f.FirstYoung = 12, first
	require.Contains(t, Note(&f), "No attempt is mature before 2026-05-15T00:00:00Z")
	require.Contains(t, Note(&f), "the window is 14 d. The data span 10 d")
	f.Customers = 1
	require.Empty(t, Note(&f))
	f.Oversized, f.MostEvents = 1, 50_000
	require.Equal(t, "1 customer has over 50000 events and counts in no number: check that no source uses one identifier for many people.", Note(&f))
	f.Customers, f.Young, f.Oversized, f.Range = 0, 0, 2, true
	require.Contains(t, Note(&f), "An earlier spec.analysis.range.from includes them. 2 customers have over 50000 events and count in no number")
	f.From = f.AsOf.Add(day)
	require.Contains(t, Note(&f), "The analysed time starts at 2026-05-12T00:00:00Z, after the time of analysis, which is 2026-05-11T00:00:00Z.")
	f.Apart, f.ApartReach = "purchase", 517
	require.Contains(t, Note(&f), "None of the 517 customers who reached purchase is known from an earlier stage")
	f.Crowded = 3
	require.Contains(t, Note(&f), "Public sources sent over 50000 events of 3 customers: further ones are not counted.")
	require.Less(t, len(Note(&f)), 640)
}
